import { expect, test } from 'vitest';
import type { SoakCounts } from './page.ts';
import { faultsOf, growth, type Soak } from './verdict.ts';

const stats = { processed: 90, dropped: 8 } as SoakCounts['stats'];
const events = { appeared: 3, lost: 3, 'best-shot': 4, sighted: 4, ended: 1 };
const good: Soak = {
  memory: [50e6, 60e6, 61e6, 60e6, 61e6, 60e6, 62e6, 61e6],
  session: { events, open: 0, strays: 0, droppedTold: 8, stats },
  frames: { taken: 99, sent: 90, closed: 9, open: 0 },
  closedByWorker: 90,
  sightings: 4,
};

test('a run in which all is well has no fault', () => {
  expect(faultsOf(good)).toEqual([]);
  expect(growth(good.memory)).toBe(1e6);
});

test.each<[string, Partial<Soak>]>([
  ['memory', { memory: [50e6, 60e6, 62e6, 64e6, 66e6, 68e6, 70e6, 72e6] }],
  ['never closed', { frames: { ...good.frames, open: 1 } }],
  ['the worker closed', { closedByWorker: 89 }],
  ['were looked at', { frames: { ...good.frames, taken: 105 } }],
  ['drops', { session: { ...good.session, droppedTold: 7 } }],
  ['never lost', { session: { ...good.session, open: 1 } }],
  ['not there', { session: { ...good.session, strays: 1 } }],
  ['stored', { sightings: 3 }],
])('%s', (word, change) => {
  const faults = faultsOf({ ...good, ...change });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(word);
});
