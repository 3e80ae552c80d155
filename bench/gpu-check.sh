#!/usr/bin/env bash
# What the kit does on this machine's GPU, in under eight minutes: for native TensorFlow and WebGPU, whichever starts on a
# GPU, the authors' training steps are replayed, two runs are compared byte for byte, and the training step's images/s are
# printed, beside PyTorch's if python3 has it. Says what could not be tried; ends with 1 if something tried is wrong.
#
#   bench/gpu-check.sh [--from <TensorFlow's wheel or folder>] [--precision tf32] [--software]
#
# --from makes the native engine where there is no way to download TensorFlow; --precision is that of native's speed and
# runs; --software takes a Vulkan driver without a GPU too, with a small network, to try this script.
set -uo pipefail
cd "$(dirname "$0")/.."
from=() precision=float32 software=
while [ $# -gt 0 ]; do
  case $1 in
    --from) from=(--from "$2") && shift ;;
    --precision) precision=$2 && shift ;;
    --software) software=yes ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0" && exit 2 ;;
  esac
  shift
done
end=$((SECONDS + 460))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
untried=()
skip() { echo "NOT TRIED: $1"; untried+=("$1"); }
# At most so many seconds of what is left.
within() {
  local most=$1 left=$((end - SECONDS))
  shift
  [ "$left" -gt 5 ] || return 124
  timeout -k 5 "$((most < left ? most : left))" "$@"
}
# Runs a check and says how it ended: check <title> <seconds> <command...>
check() {
  local title=$1 start=$SECONDS code=0
  shift
  within "$@" >"$work/log" 2>&1 || code=$?
  case $code in
    0) echo "right: $title ($((SECONDS - start)) s)" ;;
    124 | 137) skip "$title: not finished in the time there is" ;;
    *) echo "WRONG: $title" && tail -25 "$work/log" && failed=1 ;;
  esac
}
starts='const { startEngine } = require("./lib/engine/engine");
startEngine({ engine: process.argv[1], precision: process.argv[2], say: console.error }).then(
  ({ gpu, device, version }) => console.log(`${gpu ? "gpu" : "none"} ${device}, ${version}`),
  (error) => console.log(`no ${error.message.split("\n")[1] ?? error.message}`));'
speed='let text = ""; process.stdin.on("data", (part) => (text += part)).on("end", () => {
  const times = text.split("\n").filter((line) => line.startsWith("{\"milliseconds")).map((line) => JSON.parse(line).milliseconds);
  const sorted = times.slice(2).sort((a, b) => a - b);
  if (sorted.length === 0) process.exit(1);
  console.log(`${process.argv[1]}: ${((1000 * process.argv[2]) / sorted[Math.floor(sorted.length / 2)]).toFixed(0)} images/s, median of ${sorted.length} steps`); });'
same='const { readdirSync, readFileSync } = require("node:fs"); const { comparableRecord } = require("./lib/results");
const [a, b] = process.argv.slice(1).map((folder) => {
  const [name] = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return JSON.stringify(comparableRecord(JSON.parse(readFileSync(`${folder}/${name}`, "utf8")))); });
process.exit(a === b ? 0 : 1);'
# A checkpoint's header has times in it; the bytes after it are the values.
weights='const { readdirSync, readFileSync } = require("node:fs"); const [a, b] = process.argv.slice(1);
const files = readdirSync(a, { recursive: true }).filter((file) => file.endsWith(".safetensors"));
const values = (file) => { const bytes = readFileSync(file); return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))); };
process.exit(files.length > 0 && files.every((file) => values(`${a}/${file}`).equals(values(`${b}/${file}`))) ? 0 : 1);'
rounds() { for _ in $(seq 12); do echo; done; }

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null) || gpu=
echo "GPU: ${gpu:-no NVIDIA GPU (nvidia-smi does not answer)}"
if [ -n "$gpu" ] && [ ! -d .engines/native-gpu ]; then
  within 150 node lib/cli/mnn.cjs engine install --gpu ${from[@]+"${from[@]}"} || echo 'native-gpu is not installed'
fi
width=64 batch=256 size=(--epochs 2 --limit 512) some=()
[ -z "$software" ] || { width=8 batch=16 size=(--epochs 1 --limit 64 --batch-size 16) some=(-g 'conv3x3_s1|norm3, K 1'); }
for engine in native webgpu; do
  how=float32
  [ "$engine" = webgpu ] || how=$precision
  read -r kind device <<<"$(within 120 node -r tsx/cjs -e "$starts" "$engine" "$how" 2>"$work/said" | tail -1)"
  if [ "$kind" != gpu ] && { [ "$kind" != none ] || [ -z "$software" ] || [ "$engine" = native ]; }; then
    skip "$engine: $([ "$kind" = none ] && echo "it starts, but without a GPU ($device)" || echo "$device")"
    continue
  fi
  echo "$engine on $device, $how"
  MNN_ENGINE=$engine check "$engine: kernels against PyTorch's values" 60 \
    node node_modules/mocha/bin/mocha.js --no-parallel --no-config --timeout 60000 -r tsx/cjs test/engine/kernels.test.ts ${some[@]+"${some[@]}"}
  MNN_ENGINE=$engine check "$engine: the authors' training steps" 120 \
    node node_modules/mocha/bin/mocha.js --no-parallel --no-config --timeout 110000 -r tsx/cjs test/training/end-to-end.test.ts ${some[@]+"${some[@]}"}
  for run in 1 2; do
    check "$engine: run $run" 60 node lib/cli/mnn.cjs pretrain --method mnn --dataset patterns10 --preset quick "${size[@]}" \
      --linear-epochs 1 --width "$width" --engine "$engine" --precision "$how" \
      --runs "$work/$engine$run" --records "$work/$engine$run/records"
  done
  if [ -n "$(ls "$work/$engine"{1,2}/records/*.json 2>/dev/null | sed -n 2p)" ]; then
    check "$engine: both runs have the same record, but for times" 30 \
      node -r tsx/cjs -e "$same" "$work/${engine}1/records" "$work/${engine}2/records"
    check "$engine: both runs have the same weights, byte for byte" 30 \
      node -e "$weights" "$work/${engine}1" "$work/${engine}2"
  else
    skip "$engine: two runs byte for byte"
  fi
  task="{\"task\": \"step\", \"engine\": \"$engine\", \"width\": $width, \"batch\": $batch, \"precision\": \"$how\"}"
  rounds | within 60 node -r tsx/cjs bench/contenders/kit.ts "$task" 2>/dev/null | node -e "$speed" "$engine ($how), width $width, batch $batch" "$batch" ||
    skip "$engine: images/s"
done
if [ -z "$gpu" ]; then
  skip 'PyTorch on the same GPU: no NVIDIA GPU'
elif ! python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  skip 'PyTorch on the same GPU: python3 has no PyTorch that finds it'
else
  for layout in '' --channels-last; do
    rounds | within 60 python3 bench/pytorch/contender.py --task step --width "$width" --batch "$batch" --device cuda \
      --precision "$precision" $layout | node -e "$speed" "PyTorch ($precision) $layout, width $width, batch $batch" "$batch" ||
      skip "PyTorch $layout"
  done
fi
echo "$SECONDS s; not tried: ${#untried[@]}"
exit $failed
