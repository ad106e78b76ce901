import type { FaceInput } from './face-input.ts';
import { testVector } from './test-vector.ts';

/** A face for tests, with a vector by seed. */
export function testFace(seed: number, change: Partial<FaceInput> = {}): FaceInput {
  const facts = { id: `face-${seed}`, meta: `name-${seed}`, galleries: ['default'], modelId: 'model-8' };
  return { ...facts, vector: testVector(seed), pictures: {}, ...change };
}
