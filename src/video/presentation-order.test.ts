import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PresentationOrder } from './presentation-order.ts';

const all = (order: PresentationOrder<number>): { time: number; picture: number }[] => {
  const taken = [];
  for (let next = order.take(); next; next = order.take()) taken.push(next);
  return taken;
};

/** Presentation times in the order of decoding: after each picture, up to `depth` that are shown before it. */
const decodingOrder = (count: number, depth: number): number[] => {
  const order: number[] = [];
  for (let k = 0; k < count; k += depth + 1) {
    const end = Math.min(count - 1, k + depth);
    order.push(end, ...Array.from({ length: end - k }, (_, i) => k + i));
  }
  return order;
};

test('decoders that give pictures in the order of decoding, or of presentation', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 4 }),
      fc.boolean(),
      (count, depth, sorts) => {
        const order = new PresentationOrder<number>();
        const decoding = decodingOrder(count, depth);
        const taken = [];
        // The decoder is a few packets behind.
        const late: number[] = [];
        for (const picture of decoding) {
          order.expect(picture / 25);
          late.push(picture);
          if (late.length <= 6) continue;
          if (sorts) late.sort((a, b) => a - b);
          const next = late.shift()!;
          // Rounded to microseconds, as decoders do it.
          order.push(next, Math.trunc((next / 25) * 1e6) / 1e6);
          taken.push(...all(order));
        }
        if (sorts) late.sort((a, b) => a - b);
        for (const picture of late) order.push(picture, picture / 25);
        order.flush();
        taken.push(...all(order));
        expect(taken.map(({ picture }) => picture)).toEqual(Array.from({ length: count }, (_, k) => k));
        for (const { time, picture } of taken) expect(time).toBe(picture / 25);
      },
    ),
  );
});

test('a file without composition times: the order of the pictures counts', () => {
  const order = new PresentationOrder<number>();
  for (const time of [0, 1, 2, 3]) order.expect(time);
  // Pictures 2 and 1 are packets 1 and 2.
  for (const [picture, time] of [[0, 0], [1, 2], [2, 1], [3, 3]] as const) order.push(picture, time); // prettier-ignore
  expect(all(order)).toEqual([0, 1, 2, 3].map((k) => ({ time: k, picture: k })));
});

test('a packet without a picture holds nothing up for ever, and nothing is lost', () => {
  const order = new PresentationOrder<number>();
  const decoding = decodingOrder(60, 2);
  for (const picture of decoding) order.expect(picture);
  const given: number[] = [];
  for (const picture of decoding) {
    if (picture === 7) continue;
    order.push(picture, picture);
    given.push(...all(order).map((taken) => taken.picture));
  }
  expect(given.length).toBeGreaterThan(40);
  order.flush();
  given.push(...all(order).map((taken) => taken.picture));
  expect(given).toEqual(Array.from({ length: 60 }, (_, k) => k).filter((k) => k !== 7));
});
