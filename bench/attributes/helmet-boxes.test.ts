import { expect, test } from 'vitest';
import { helmetsOf, type LabelledBox } from './helmet-boxes.ts';

const FACE = { left: 100, top: 100, width: 100, height: 120 };

function box(kind: string, left: number, top: number, width: number, height: number): LabelledBox {
  return { kind, left, top, width, height };
}

const HELMET = box('helmet', 80, 40, 140, 90);
const BARE = box('no_helmet', 85, 50, 130, 190);

test('a helmet lies on the face, a bare head around it', () => {
  expect(helmetsOf([FACE], [HELMET])).toEqual([true]);
  expect(helmetsOf([FACE], [BARE])).toEqual([false]);
});

test('boxes of other people tell nothing', () => {
  expect(helmetsOf([FACE], [box('helmet', 180, 40, 140, 90)])).toEqual([undefined]);
  expect(helmetsOf([FACE], [box('helmet', 80, 200, 140, 90)])).toEqual([undefined]);
  expect(helmetsOf([FACE], [box('helmet', 80, -30, 140, 90)])).toEqual([undefined]);
  expect(helmetsOf([FACE], [box('helmet', 140, 70, 20, 20)])).toEqual([undefined]);
  expect(helmetsOf([FACE], [box('no_helmet', 151, 50, 130, 190)])).toEqual([undefined]);
  expect(helmetsOf([FACE], [box('no_helmet', 0, 0, 300, 400)])).toEqual([undefined]);
  expect(helmetsOf([FACE], [])).toEqual([undefined]);
});

test('each box is of one face, that which it is least aside of', () => {
  const beside = { ...FACE, left: 130 };
  expect(helmetsOf([FACE, beside], [HELMET])).toEqual([true, undefined]);
  expect(helmetsOf([beside, FACE], [HELMET])).toEqual([undefined, true]);
  expect(helmetsOf([FACE, beside], [HELMET, { ...BARE, left: 115 }])).toEqual([true, false]);
});
