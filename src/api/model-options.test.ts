import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { FusedNetwork, ModelEntry, ModelManifest } from '../core/manifest.ts';
import { NearFaceError } from '../core/errors.ts';
import { modelChoice } from './model-options.ts';

const COMMON = {
  limit: 0.15,
  directions: [
    [1, 0, 0],
    [0, 0.6, 0.8],
  ],
};
const FIT = {
  weights: [new Array<number>(10).fill(0.5), new Array<number>(10).fill(-0.5)],
  bias: [0, 1],
  out: [1, 2],
  outBias: 0.1,
  flawless: 0.05,
  useless: 0.2,
  fewPixels: 44,
  fewestPixels: 28,
  crowd: 0.1,
};
const OWN: ModelEntry = {
  ...{ id: 'own', role: 'embedding', format: 'onnx', file: 'own.onnx', outputs: ['embedding'], dimension: 3 },
  input: { size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 127.5, std: 128 },
};

function resolve(entry: object): unknown {
  return modelChoice({ embedding: { ...OWN, ...entry } }, 'models').embedding;
}

function paramOf(entry: object): unknown {
  try {
    resolve(entry);
  } catch (error) {
    if (error instanceof NearFaceError && error.code === 'BAD_PARAM') return error.details.param;
    throw error;
  }
  return undefined;
}

test('an entry of your own may say what strangers have in common and how reliability is told', () => {
  const whole = { ...OWN, common: COMMON, reliability: FIT, convertsFrom: 'mobilefacenet' };
  expect(resolve(whole)).toEqual(whole);
  const alone = { ...FIT, weights: FIT.weights.map((row) => row.slice(0, 8)) };
  expect(resolve({ reliability: alone })).toEqual({ ...OWN, reliability: alone });
  expect(resolve({})).toEqual(OWN);
});

const SECOND: FusedNetwork = {
  ...{ file: 'second.onnx', outputs: ['embedding'], dimension: 2, weight: 0.4 },
  input: { ...OWN.input, mean: 127 },
};

test('an entry of your own may have a second network', () => {
  const fused = { ...OWN, dimension: 5, fusedWith: SECOND, network: 'mobilefacenet' };
  expect(resolve(fused)).toEqual(fused);
  const bare = {
    file: 'second.onnx',
    input: { size: [112, 112], mean: 0, std: 255 },
    dimension: 2,
    weight: 0.5,
  };
  expect(resolve({ dimension: 5, fusedWith: bare })).toEqual({
    ...{ ...OWN, dimension: 5 },
    fusedWith: { ...bare, outputs: [], input: { ...bare.input, layout: 'nchw', channels: 'rgb' } },
  });
});

test('the shipped embedding models pass as entries of your own', async () => {
  const file = new URL('../../models/manifest.json', import.meta.url);
  const { models } = JSON.parse(await readFile(file, 'utf8')) as ModelManifest;
  const shipped = models.filter(({ role }) => role === 'embedding');
  expect(shipped.some(({ reliability }) => reliability)).toBe(true);
  for (const entry of shipped) expect(resolve(entry)).toEqual(entry);
});

test.each([
  [{ common: 1 }, 'common'],
  [{ common: {} }, 'common.limit'],
  [{ common: { ...COMMON, limit: 2 } }, 'common.limit'],
  [{ common: { ...COMMON, directions: [] } }, 'common.directions'],
  [{ common: { ...COMMON, directions: [[1, 0]] } }, 'common.directions[0]'],
  [{ common: { ...COMMON, directions: [[1, 0, NaN]] } }, 'common.directions[0][2]'],
  [{ common: { ...COMMON, directions: [[1, 1, 0]] } }, 'common.directions[0]'],
  [
    {
      common: {
        ...COMMON,
        directions: [
          [1, 0, 0],
          [0.6, 0.8, 0],
        ],
      },
    },
    'common.directions[1]',
  ],
  [{ convertsFrom: 'mobilefacenet' }, 'common'],
  [{ common: COMMON, convertsFrom: 5 }, 'convertsFrom'],
  [{ reliability: FIT }, 'reliability.weights[0]'],
  [{ common: COMMON, reliability: null }, 'reliability'],
  [{ common: COMMON, reliability: { ...FIT, bias: [0] } }, 'reliability.bias'],
  [{ common: COMMON, reliability: { ...FIT, out: [0, '1'] } }, 'reliability.out[1]'],
  [{ common: COMMON, reliability: { ...FIT, useless: 0.05 } }, 'reliability.useless'],
  [{ common: COMMON, reliability: { ...FIT, fewPixels: 28 } }, 'reliability.fewPixels'],
  [{ common: COMMON, reliability: { ...FIT, crowd: undefined } }, 'reliability.crowd'],
  [{ common: COMMON, reliability: { ...FIT, more: 1 } }, 'reliability.more'],
  [{ mayRound: 'yes' }, 'mayRound'],
  [{ dimension: 5, fusedWith: { ...SECOND, mayRound: 1 } }, 'fusedWith.mayRound'],
  [{ role: 'landmarks', common: COMMON }, 'common'],
  [{ role: 'landmarks', fusedWith: SECOND }, 'fusedWith'],
  [{ role: 'landmarks', network: 'x' }, 'network'],
  [{ fusedWith: 'second.onnx' }, 'fusedWith'],
  [{ fusedWith: { ...SECOND, file: undefined } }, 'fusedWith.file'],
  [{ fusedWith: { ...SECOND, weight: undefined } }, 'fusedWith.weight'],
  [{ fusedWith: { ...SECOND, weight: 1 } }, 'fusedWith.weight'],
  [{ fusedWith: { ...SECOND, weight: NaN } }, 'fusedWith.weight'],
  [{ fusedWith: { ...SECOND, dimension: 3 } }, 'fusedWith.dimension'],
  [{ fusedWith: { ...SECOND, role: 'embedding' } }, 'fusedWith.role'],
  [{ fusedWith: { ...SECOND, sha256: 'x' } }, 'fusedWith.sha256'],
  [{ fusedWith: { ...SECOND, input: { ...OWN.input, size: [96, 112] } } }, 'fusedWith.input.size'],
  [{ fusedWith: { ...SECOND, input: { ...OWN.input, channels: 'bgr' } } }, 'fusedWith.input.channels'],
])('%j is refused by its field', (entry, field) => {
  expect(paramOf(entry)).toBe(`models.embedding.${field}`);
});

test('how many numbers the second network may give is said', () => {
  expect(() => resolve({ dimension: 5, fusedWith: { ...SECOND, dimension: 4 } })).toThrow(
    "models.embedding.fusedWith.dimension must be at most 3: the rest of models.embedding.dimension is the first network's, but is 4",
  );
});
