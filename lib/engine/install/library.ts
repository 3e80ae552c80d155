import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UserError } from '../../core/errors';
import type { EngineLayout } from './folders';

export type Progress = (done: number, total: number) => void;

export interface TakeOptions {
  onProgress?: Progress;
  signal?: AbortSignal;
}

/** A place that TensorFlow's C library and its headers can be taken from. */
export interface TensorFlowSource {
  /** What a reader knows it by, for example a wheel's file name. */
  title: string;
  /** sha256 of the C library, in hexadecimal; undefined where it is not known without reading all of it. */
  sha256?: string;
  /** What is needed of it, in bytes on the disk; 0 where it is only linked to. */
  bytes: number;
  /** The requirements with which TensorFlow's wheel asks for NVIDIA's libraries. */
  cudaRequirements?: string[];
  /** Puts library and headers where an engine has them; returns the library's sha256. */
  take(layout: EngineLayout, options: TakeOptions): Promise<string>;
}

/** Names of TensorFlow's shared libraries in its wheels: the one with the C API first. */
export function wheelLibraries(platform: NodeJS.Platform = process.platform): [string, string] {
  return platform === 'darwin'
    ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']
    : ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
}

/** The names that linkers look for, and the wheel's libraries that they lead to. */
export function linkerNames(platform: NodeJS.Platform = process.platform): [name: string, target: string][] {
  const end = platform === 'darwin' ? 'dylib' : 'so';
  const [cc, framework] = wheelLibraries(platform);
  return [
    [`libtensorflow.${end}`, cc],
    [`libtensorflow_framework.${end}`, framework],
  ];
}

/** The headers of the C API, of kernels too, and what they include, seen from TensorFlow's include folder. */
export const neededHeaders = new RegExp(
  `^(${[
    'tensorflow/c/.+',
    'tensorflow/core/common_runtime/next_pluggable_device/c/\\w+',
    'tensorflow/core/platform/ctstring\\w*',
    'tsl/platform/(ctstring\\w*|platform)',
    'xla/tsl/c/\\w+',
  ].join('|')})\\.h$`,
);

/** The header without which nothing compiles. */
export const mainHeader = 'tensorflow/c/c_api.h';

/** sha256 of every file that a wheel's RECORD names, in hexadecimal. */
export function readRecord(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, path, sum] = /^"?(.+?)"?,sha256=([\w-]+)=*,\d*\s*$/.exec(line) ?? [];
    if (path) sums.set(path, Buffer.from(sum, 'base64url').toString('hex'));
  }
  return sums;
}

/** The libraries of NVIDIA that a wheel's METADATA asks for when a GPU is to be used. */
export function readCudaRequirements(metadata: string): string[] {
  return [...metadata.matchAll(/^Requires-Dist: (nvidia-[^;]+?) ?; extra == "and-cuda"\s*$/gm)].map(
    ([, requirement]) => requirement,
  );
}

/** @throws UserError where a wheel's METADATA is not that of a TensorFlow that serves. */
export function checkMetadata(metadata: string, title: string, gpu: boolean): void {
  const name = /^Name: (\S+)/m.exec(metadata)?.[1].toLowerCase().replaceAll('-', '_');
  const version = /^Version: (\d+)\.(\d+)/m.exec(metadata);
  if (!name?.startsWith('tensorflow') || !version) {
    throw new UserError(`${title} is not TensorFlow's wheel but that of ${name ?? 'something unknown'}.`);
  }
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major !== 2 || minor < 16) {
    throw new UserError(`${title} holds TensorFlow ${major}.${minor}; 2.16 or a later 2.x is needed.`);
  }
  if (gpu && name.startsWith('tensorflow_cpu')) {
    throw new UserError(`${title} is built without GPU support: --gpu needs the wheel of tensorflow itself.`);
  }
}

/** @throws UserError where a wheel was made for other machines than this one. */
export function checkPlatform(
  tags: string,
  title: string,
  { platform, arch }: { platform: string; arch: string } = process,
): void {
  const system = { linux: 'linux', darwin: 'macosx' }[platform];
  const machine = { x64: /x86_64|universal2/, arm64: /aarch64|arm64|universal2/ }[arch];
  if (system && machine && tags.includes(system) && machine.test(tags)) return;
  const made = /^Tag: \S+-(\S+)/m.exec(tags)?.[1] ?? 'an unknown platform';
  throw new UserError(`${title} is made for ${made}; this machine is ${platform} ${arch}.`);
}

/** sha256 of a file, in hexadecimal. */
export async function fileChecksum(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
