import { expect, test } from 'vitest';
import { PairConfidence } from '../core/pair-confidence.ts';
import { TEST_CALIBRATION } from '../core/test-calibration.ts';
import type { SeenAppearance } from '../video/recogniser.ts';
import { NO_UNKNOWNS } from '../video/unknowns.ts';
import { resolveRecognise } from './recognise-options.ts';
import { Identifier } from './recognise-who.ts';
import type { Session } from './session.ts';

const seen: SeenAppearance = {
  ...{ track: 1, frameStart: 0, frameEnd: 9, timeStart: 0, timeEnd: 360, pictures: {} },
  ...{ frames: Uint32Array.of(0), boxes: Float32Array.of(0, 0, 1, 1) },
  mean: { embedding: Float32Array.of(1, 0), reliability: 0.9 },
};

/** A gallery in which one face is found, with this cosine. */
function sessionWith(cosine: number): Session {
  const record = {
    id: 'face',
    meta: 'Sam',
    personId: 'person of Sam',
    galleries: ['default'],
    reliability: 0.9,
  };
  const ask = async (name: string): Promise<unknown> => {
    if (name === 'search') return [[{ record, cosine }]];
    if (name === 'findPeople') return [{ person: { id: 'stranger', number: 7, meta: 'Sam' }, face: record }];
    throw new Error(`nobody should ask for ${name}`);
  };
  const confidence = new PairConfidence(TEST_CALIBRATION);
  const visionInfo = { embedding: { id: 'm' } };
  return { gallery: { ask }, visionInfo, confidence, calibration: TEST_CALIBRATION } as unknown as Session;
}

test('of somebody who is known the face alone is kept: a name beside it would stay when the person is deleted', async () => {
  const identifier = new Identifier(sessionWith(0.8), 'job', resolveRecognise({ topK: 3 }));
  const [appearance] = await identifier.identify(0, seen, NO_UNKNOWNS);
  expect(appearance).toMatchObject({
    ...{ person: '', faceId: 'face', isUnknown: false, cosine: 0.8 },
    closest: [{ person: '', faceId: 'face', cosine: 0.8 }],
  });
  expect(JSON.stringify(appearance)).not.toContain('Sam');
});

test('of a stranger whom all jobs know the number is kept', async () => {
  const options = resolveRecognise({ indexUnknowns: true, maxDistance: 0.1 });
  const identifier = new Identifier(sessionWith(0.2), 'job', options);
  const [appearance] = await identifier.identify(0, seen, NO_UNKNOWNS);
  expect(appearance).toMatchObject({ person: 'Unknown #7', personId: 'stranger', isUnknown: true });
  expect(JSON.stringify(appearance)).not.toContain('Sam');
});
