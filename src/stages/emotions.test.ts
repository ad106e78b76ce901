import { expect, test } from 'vitest';
import type { ModelManifest } from '../core/manifest.ts';
import type { ModelSession } from '../core/model-session.ts';
import { Pyramid } from '../image/pixels.ts';
import { createEmotions, decodeEmotions } from './emotions.ts';

const NAMES = ['angry', 'disgusted', 'scared', 'happy', 'sad', 'surprised', 'calm'] as const;

test('each logit belongs to its emotion, and the certainties add up to 1', () => {
  NAMES.forEach((name, index) => {
    const emotions = decodeEmotions([Float32Array.from(NAMES, (_, i) => (i === index ? 3 : 0))]);
    expect(emotions[name]).toBeCloseTo(Math.exp(3) / (Math.exp(3) + 6), 6);
    expect(Object.values(emotions).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
  });
});

test('two looks count the same', () => {
  const [sure, unsure] = [Float32Array.of(4, 0, 0, 0, 0, 0, 0), Float32Array.of(0, 0, 0, 0, 0, 0, 2)];
  const both = decodeEmotions([sure, unsure]);
  expect(both).toEqual(decodeEmotions([unsure, sure]));
  expect(both.angry / both.calm).toBeCloseTo(Math.exp((4 - 2) / 2), 5);
});

test('far logits stay numbers', () => {
  expect(decodeEmotions([Float32Array.of(0, 0, 0, 900, 0, 0, -900)]).happy).toBe(1);
});

test('a crop and its mirror image are looked at', async () => {
  const side = 4;
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  // The image's left half is dark.
  for (let y = 0; y < side; y++) data.fill(0, 16 * y, 16 * y + 8);
  const seen: number[][] = [];
  const session = {
    entry: {
      input: { size: [side, side], layout: 'nchw', channels: 'grey', mean: 0, std: 255 },
      outputs: ['emotions'],
    } as unknown as ModelManifest['models'][number],
    maxBatch: 8,
    run: (input: Float32Array) => {
      for (let at = 0; at < input.length; at += side * side) seen.push([...input.subarray(at, at + side)]);
      return Promise.resolve([new Float32Array((7 * input.length) / (side * side))]);
    },
    dispose: () => Promise.resolve(),
  } as ModelSession;
  const crop = {
    image: new Pyramid({ width: side, height: side, data }),
    toImage: [1, 0, 0, 1, 0, 0] as const,
  };
  await createEmotions(session).estimate([crop]);
  const [plain, mirrored] = seen as [number[], number[]];
  expect(plain[0]! < plain[3]!).toBe(true);
  expect(mirrored).toEqual(plain.toReversed());
});
