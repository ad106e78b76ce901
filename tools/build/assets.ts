import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildEngine, buildKernel, buildPixels } from './kernel.ts';

/** onnxruntime-web without bundled WASM: its WASM and its WebGPU build, each with loader and module. */
const ORT_FILES: readonly string[] = [
  'ort.wasm.min.mjs',
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort.webgpu.min.mjs',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
];

/** Puts what the workers fetch into `folder`: the kernels, onnxruntime-web and the models. */
export async function copyAssets(folder: string): Promise<void> {
  await Promise.all([
    ...[buildKernel(), buildEngine(), buildPixels()].map(async (building) =>
      Promise.all((await building).map((file) => copyFile(file, join(folder, basename(file))))),
    ),
    copyAll('node_modules/onnxruntime-web/dist', join(folder, 'ort'), ORT_FILES),
    readdir('models').then((names) => copyAll('models', join(folder, 'models'), names.filter(isShipped))),
  ]);
}

const isShipped = (name: string): boolean => /\.(json|onnx)$/.test(name);

async function copyAll(from: string, to: string, names: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true });
  await Promise.all(names.map((name) => copyFile(join(from, name), join(to, name))));
}
