import { expect, test } from 'vitest';
import { DEFAULT_APPEARANCE } from './appearance.ts';
import { assignUnknown, forgetStays, NO_UNKNOWNS, type Stay, type UnknownsState } from './unknowns.ts';

/** A unit vector of one person, a little off by `angle`. */
function face(person: number, angle = 0): { embedding: Float32Array<ArrayBuffer>; reliability: number } {
  const embedding = new Float32Array(8);
  embedding[person] = Math.cos(angle);
  embedding[7] = Math.sin(angle);
  return { embedding, reliability: 0.8 };
}

function assignAll(
  faces: readonly [person: number, angle: number, stay: Stay, reliability?: number][],
): number[] {
  let state: UnknownsState = NO_UNKNOWNS;
  return faces.map(([person, angle, stay, reliability = 0.8]) => {
    const [next, no] = assignUnknown(
      state,
      { ...face(person, angle), reliability },
      stay,
      DEFAULT_APPEARANCE,
    );
    state = next;
    return no;
  });
}

const stay = (source: number, frameStart: number, frameEnd: number): Stay => ({
  source,
  frameStart,
  frameEnd,
});

test('unknown people are told apart, and known again in other sources', () => {
  expect(
    assignAll([
      [0, 0, stay(0, 0, 9)],
      [1, 0, stay(0, 5, 20)],
      [0, 0.4, stay(0, 30, 40)],
      [1, -0.3, stay(1, 0, 9)],
      [2, 0, stay(1, 20, 29)],
      [0, 0, stay(1, 22, 25)],
    ]),
  ).toEqual([1, 2, 1, 2, 3, 1]);
});

test('two who are in the picture at one time are two', () => {
  expect(
    assignAll([
      [0, 0, stay(0, 0, 9)],
      [0, 0.1, stay(0, 9, 20)],
      [0, 0.1, stay(1, 0, 9)],
    ]).slice(0, 2),
  ).toEqual([1, 2]);
});

test('an embedding that is worth nothing is like nobody', () => {
  expect(
    assignAll([
      [0, 0, stay(0, 0, 9), 0],
      [0, 0, stay(0, 20, 29)],
      [0, 0, stay(0, 40, 49), 0],
      [0, 0, stay(0, 60, 69)],
    ]),
  ).toEqual([1, 2, 2, 2]);
});

test('a source that is looked at again shows the same people', () => {
  const look = (state: UnknownsState, person: number, at: Stay): [UnknownsState, number] =>
    assignUnknown(state, face(person), at, DEFAULT_APPEARANCE);
  const [first] = look(NO_UNKNOWNS, 0, stay(0, 0, 9));
  const [both, no] = look(first, 1, stay(0, 5, 9));
  expect(no).toBe(2);
  expect(look(both, 0, stay(0, 0, 9))[1]).toBe(3);
  expect(look(forgetStays(both, 0), 0, stay(0, 0, 9))[1]).toBe(1);
  expect(look(forgetStays(both, 0), 1, stay(0, 5, 9))[1]).toBe(2);
  expect(look(forgetStays(both, 1), 0, stay(0, 0, 9))[1]).toBe(3);
});
