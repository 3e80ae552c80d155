import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { wheelLibraries } from '../../../lib/engine/install/library';
import type { NativeOptions } from '../../../lib/engine/install/native';
import type { Outcome } from '../../../lib/engine/proof/proof';

const [library, framework] = wheelLibraries();
const platformTag = `${process.platform === 'darwin' ? 'macosx_12_0' : 'manylinux_2_27'}_${
  process.arch === 'arm64' ? (process.platform === 'darwin' ? 'arm64' : 'aarch64') : 'x86_64'
}`;

export interface WheelChanges {
  name?: string;
  version?: string;
  tag?: string;
  cuda?: string[];
  /** Contents of other files, or null for a file that is left out. */
  files?: Record<string, string | null>;
  /** What RECORD says of files, where that is not the truth. */
  sums?: Record<string, string>;
}

/** The files of a wheel like TensorFlow's, with a few bytes in each. */
export function wheelFiles(changes: WheelChanges = {}): Record<string, string> {
  const { name = 'tensorflow_cpu', version = '2.21.0', tag = platformTag, cuda = [], files = {} } = changes;
  const contents: Record<string, string | null> = {
    [`tensorflow/${library}`]: 'the library '.repeat(20_000),
    [`tensorflow/${framework}`]: 'the framework',
    'tensorflow/include/tensorflow/c/c_api.h': '// the C API',
    'tensorflow/include/tensorflow/c/eager/c_api.h': '// the eager C API',
    'tensorflow/include/tsl/platform/ctstring.h': '// strings',
    'tensorflow/include/Eigen/Core.h': '// not needed',
    'tensorflow/python/ops.py': '# not needed',
    ...files,
  };
  const present = Object.entries(contents).filter((file): file is [string, string] => file[1] !== null);
  const record = present.map(([path, text]) => {
    const sum = changes.sums?.[path] ?? createHash('sha256').update(text).digest('base64url');
    return `${path},sha256=${sum},${text.length}`;
  });
  const info = `${name}-${version}.dist-info`;
  const requirements = cuda.map((requirement) => `Requires-Dist: ${requirement}; extra == "and-cuda"`);
  return {
    ...Object.fromEntries(present),
    [`${info}/METADATA`]: [`Name: ${name}`, `Version: ${version}`, ...requirements, ''].join('\n'),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nTag: cp311-cp311-${tag}\n`,
    [`${info}/RECORD`]: [...record, `${info}/RECORD,,`, ''].join('\n'),
  };
}

/** Packs such a wheel into `folder` and returns its path. */
export async function packWheel(folder: string, changes: WheelChanges = {}): Promise<string> {
  const { name = 'tensorflow_cpu', version = '2.21.0', tag = platformTag } = changes;
  const file = join(folder, `${name}-${version}-cp311-cp311-${tag}.whl`);
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(wheelFiles(changes))) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(file)));
  return file;
}

/** Writes files below a folder and returns it. */
export function writeFiles(folder: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A folder for PATH with the given shell scripts as its programs. */
export function programs(folder: string, scripts: Record<string, string>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

/** A compiler that writes the file that is asked for. */
export const compiler = 'while [ $# -gt 0 ]; do [ "$1" = -o ] && echo compiled > "$2"; shift; done; exit 0';

/** A pip that runs `download` with the folder where the wheel belongs in $dest. */
export const pip = (download: string) =>
  `[ "$1" = --version ] && echo "pip 99 from /none/pip (python 3.11)" && exit
while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done
${download}`;

const part = { computations: 1, wrong: null };
/** The outcome of a proof in which nothing is wrong. */
export const right: Outcome = { version: '2.21.0', device: 'CPU', tensorflow: part, operations: part };

/** An install that finds nothing but the given programs, reaches no host, and takes the engine as it is. */
export function options(
  folder: string,
  scripts: Record<string, string>,
  more: NativeOptions = {},
): NativeOptions {
  return {
    engines: join(folder, 'engines'),
    env: { PATH: programs(join(folder, 'bin'), scripts), TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/' },
    verify: async () => right,
    ...more,
  };
}
