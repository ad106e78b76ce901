import type { Face } from 'nearface';
import { expect, test } from 'vitest';
import { probesOf } from './probes.ts';

const face: Face = { position: { left: 0, top: 0, width: 9, height: 9 }, score: 1 };
const embedding = Float32Array.of(1, 0);

test('faces are looked up with the reliability that is told, or without one', () => {
  expect(probesOf([{ ...face, embedding, reliability: 0.4 }])).toEqual([{ embedding, reliability: 0.4 }]);
  const [bare] = probesOf([{ ...face, embedding }]) ?? [];
  expect(bare).toStrictEqual({ embedding });
  expect(probesOf([{ ...face, embedding }, face])).toBe(undefined);
  expect(probesOf([])).toEqual([]);
});
