/**
 * Records what MediaPipe's own face mesh makes of the golden crops, in headless Chromium: TFLite runtimes that are published
 * for JavaScript do not know the attention mesh's operators, so that the whole solution is the reference.
 * `tsx model-factory/convert/record-mediapipe.ts`.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type Page } from 'playwright';
import { chromiumArgs, findChromium } from '../../tools/chromium.ts';
import { CROP_SIDE, goldenPath, readCrops, type GoldenIndex } from './goldens.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';

const FACE_MESH = '@mediapipe/face_mesh@0.4.1657299874';
/** The crop is sent so often; each time the solution looks where it found the face before. */
const LOOKS = 5;

const here = fileURLToPath(new URL('.', import.meta.url));
const store = new PackageStore(
  await readLock(`${here}lock.json`),
  fileURLToPath(new URL('../../.cache/models', import.meta.url)),
);
const executablePath = findChromium();
const browser = await chromium.launch({
  args: [...chromiumArgs, '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  ...(executablePath ? { executablePath } : {}),
});
try {
  const page = await browser.newPage();
  await servePackage(page);
  const crops = await readCrops();
  const looks: number[][][] = [];
  for (const crop of crops)
    looks.push(await page.evaluate(lookAt, { crop: [...crop], side: CROP_SIDE, times: LOOKS }));
  await save(looks);
} finally {
  await browser.close();
}

async function servePackage(page: Page): Promise<void> {
  await page.route('http://goldens.test/**', async (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    if (name === '') {
      const body = '<!doctype html><script src="/face_mesh.js"></script>';
      return route.fulfill({ contentType: 'text/html', body });
    }
    return route.fulfill({ body: Buffer.from(await store.file(FACE_MESH, name)) });
  });
  // The bundler that runs this file names functions by a helper, which the page must have too.
  await page.addInitScript('globalThis.__name = (value) => value');
  await page.goto('http://goldens.test/');
}

interface Look {
  readonly crop: readonly number[];
  readonly side: number;
  readonly times: number;
}

interface Solution {
  setOptions(options: object): void;
  onResults(
    listener: (results: { multiFaceLandmarks: { x: number; y: number; z: number }[][] }) => void,
  ): void;
  send(input: { image: HTMLCanvasElement }): Promise<void>;
  reset(): void;
}

/** Runs in the page: the landmarks of the last two looks, in pixels of the crop. */
async function lookAt({ crop, side, times }: Look): Promise<number[][]> {
  const page = globalThis as unknown as {
    FaceMesh: new (options: object) => Solution;
    solution?: Solution;
  };
  if (!page.solution) {
    page.solution = new page.FaceMesh({ locateFile: (file: string) => `/${file}` });
    page.solution.setOptions({ maxNumFaces: 1, refineLandmarks: true });
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const pixels = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) pixels.data.set([...crop.slice(3 * i, 3 * i + 3), 255], 4 * i);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  const found: number[][] = [];
  page.solution.onResults(({ multiFaceLandmarks: [face] }) => {
    found.push((face ?? []).flatMap(({ x, y, z }) => [x * side, y * side, z * side]));
  });
  page.solution.reset();
  for (let i = 0; i < times; i++) await page.solution.send({ image: canvas });
  return found.slice(-2);
}

async function save(looks: readonly (readonly number[][])[]): Promise<void> {
  const parts = [0, 1].map((look) => Float32Array.from(looks.flatMap((both) => both[look] ?? [])));
  const index: GoldenIndex = {
    runtime: FACE_MESH,
    crops: looks.map((_, crop) => crop),
    outputs: ['before', 'after'].map((name, look) => ({ name, length: parts[look]!.length })),
  };
  await writeFile(goldenPath('face-landmark-attention.json'), `${JSON.stringify(index, null, 2)}\n`);
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part.buffer)));
  await writeFile(goldenPath('face-landmark-attention.bin.gz'), gzipSync(bytes, { level: 9 }));
  console.log(index.outputs.map(({ name, length }) => `${name} ${length}`).join(', '));
}
