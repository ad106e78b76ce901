import { describe, expect, test } from 'vitest';
import type { TrackMatch } from './events.ts';
import { answered, isLastSearchDue, isSearchDue, type MeanFace } from './identity.ts';

const mean = (reliability = 0.9, angle = 0): MeanFace => ({
  embedding: Float32Array.of(Math.cos(angle), Math.sin(angle)),
  reliability,
});
const match = (id: string, confidence: number): TrackMatch => ({
  record: { id } as TrackMatch['record'],
  ...{ cosine: 0.6, distance: 0.9, confidence },
});

describe('the identity of a track', () => {
  test('is looked up when the mean has changed, sooner while nobody was found', () => {
    const [named] = answered(undefined, mean(), 0, [match('a', 0.8)]);
    const [unknown] = answered(undefined, mean(), 0, []);
    const [slightly, much] = [mean(0.9, 0.15), mean(0.9, 0.3)];
    expect([named, unknown].map((each) => isSearchDue(each, slightly, 1000))).toEqual([false, true]);
    expect([named, unknown].map((each) => isSearchDue(each, much, 1000))).toEqual([true, true]);
    expect(isSearchDue(unknown, much, 100)).toBe(false);
    expect(isSearchDue(unknown, mean(), 1000)).toBe(false);
  });

  test('is looked up a last time unless the same was asked for, or somebody was found by nearly the same', () => {
    const [named] = answered(undefined, mean(), 0, [match('a', 0.8)]);
    const [unknown] = answered(undefined, mean(), 0, []);
    const due = [undefined, named, unknown].map((each) =>
      [0, 0.05, 0.3].map((angle) => isLastSearchDue(each, mean(0.9, angle))),
    );
    expect(due).toEqual([
      [true, true, true],
      [false, false, true],
      [false, true, true],
    ]);
  });

  test('stays where a later search finds nobody, though the mean is as good', () => {
    const [first, told] = answered(undefined, mean(0.9), 0, [match('a', 0.8)]);
    expect(told).toBe('identified');
    const [then, again] = answered(first, mean(0.95, 0.4), 1000, []);
    expect(then.matches).toEqual(first.matches);
    expect(again).toBeUndefined();
    // What was asked for is remembered all the same.
    expect(then.askedMs).toBe(1000);
  });

  test('changes to somebody else by a mean that can be trusted as much', () => {
    const [first] = answered(undefined, mean(0.9), 0, [match('a', 0.8)]);
    expect(answered(first, mean(0.8), 1000, [match('b', 0.8)])[0].matches[0]?.record.id).toBe('a');
    expect(answered(first, mean(0.9), 1000, [match('b', 0.8)])).toMatchObject([
      { matches: [{ record: { id: 'b' } }] },
      'updated',
    ]);
  });

  test('improves', () => {
    const [first] = answered(undefined, mean(), 0, [match('a', 0.8)]);
    expect(answered(first, mean(), 500, [match('a', 0.81)])[1]).toBeUndefined();
    expect(answered(first, mean(), 500, [match('a', 0.83)])[1]).toBe('updated');
  });
});
