import { expect, test } from 'vitest';
import type { Analysis } from '../core/analysis.ts';
import { newFaces } from './new-faces.ts';
import type { AddOptions } from './options.ts';
import type { Session } from './session.ts';

const BOX = { left: 10, top: 10, width: 50, height: 60 };
const KNOWN = Float32Array.of(3, 4);

/** A photo of 200 × 100 pixels in which no face is looked for. */
const analysis: Analysis = {
  ...{ width: 200, height: 100, orientation: 1, rotation: 0 },
  ...{ faces: [], pictures: [], placed: [{}] },
} as unknown as Analysis;
const session = {
  ...{ keep: 'crops', assumedReliability: 0.5, visionInfo: { embedding: { id: 'own', dimension: 2 } } },
  throwIfDisposed: () => undefined,
  host: { readImage: () => Promise.resolve({ image: { kind: 'pixels' }, transfer: [] }) },
  analyse: () => Promise.resolve({ analyses: [analysis] }),
} as unknown as Session;

const stored = (options: AddOptions): ReturnType<typeof newFaces> =>
  newFaces(session, 'default', new Blob(), options);

test('a face that is known is stored at its box, its reliability in the steps that searches know', async () => {
  const { faces } = await stored({ boxes: [BOX], embeddings: [{ embedding: KNOWN, reliability: 0.7001 }] });
  expect(faces).toMatchObject([{ box: BOX, modelId: 'own', reliability: 179 / 255 }]);
  expect([...faces[0]!.vector]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
});

test.each([{ left: 200 }, { top: -60 }, { left: -1e6, top: 1e6 }])(
  'nothing is stored of a known face at a box beside the photo: %j',
  async (place) => {
    await expect(stored({ boxes: [{ ...BOX, ...place }], embeddings: [KNOWN] })).rejects.toMatchObject({
      code: 'BAD_PARAM',
      details: { param: 'options.boxes[0]' },
    });
  },
);

test('a box that reaches out of the photo is in it', async () => {
  const { faces } = await stored({ boxes: [{ ...BOX, left: -49 }], embeddings: [KNOWN] });
  expect(faces).toHaveLength(1);
});
