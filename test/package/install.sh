#!/usr/bin/env bash
# Installs the package in an empty folder, as a user does, and uses it there; and the clone without developers' packages.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node "$root/lib/pack.cjs" "$folder/packed"

mkdir "$folder/user" && cd "$folder/user"
npm init -y >/dev/null
npm install --no-audit --no-fund --prefer-offline "$folder"/packed/mnn-kit-*.tgz
echo "node_modules: $(du -sm node_modules | cut -f1) MB"
before=$(find node_modules | sort | sha256sum)

cat >use.cts <<'TS'
import { findMethod, cosineSchedule, type RunConfig, presetConfig } from 'mnn-kit';
const config: RunConfig = presetConfig({ preset: 'quick', method: 'mnn', dataset: 'shapes10', seed: 1 });
// @ts-expect-error a configuration has no such setting
config.noSuchSetting;
console.log(findMethod(config.method).name, typeof cosineSchedule);
TS
cp use.cts use.mts
cat >>use.mts <<'TS'
import { engineNames } from 'mnn-kit/internal/engine';
console.log(engineNames.join(' '));
TS
node node_modules/typescript/bin/tsc --strict --skipLibCheck --target es2022 --module nodenext use.cts use.mts
[ "$(node use.cjs)" = 'mnn function' ]
[ "$(node use.mjs | head -1)" = 'mnn function' ]

npx mnn reproduce quick --methods mnn --seed 1338 --epochs 1 --linear-epochs 1
test -n "$(ls results/records/*.json)" && test -n "$(ls runs)"
npx mnn results validate
npx mnn report >/dev/null && test -s results/report/index.html
[ "$before" = "$(find node_modules | sort | sha256sum)" ] || { echo 'Something was written to node_modules'; exit 1; }

mkdir "$folder/clone" && cd "$root"
git ls-files -z | xargs -0 cp --parents -t "$folder/clone" 2>/dev/null || true
cd "$folder/clone"
NODE_ENV=production npm ci --prefer-offline
test ! -e node_modules/mocha
npx mnn methods >/dev/null
echo 'The package installs and works.'
