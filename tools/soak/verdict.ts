import type { FrameCounts, SoakCounts } from './page.ts';

/** What a run of the soak test came to. */
export interface Soak {
  /** Bytes, at even distances. */
  readonly memory: readonly number[];
  readonly session: SoakCounts;
  readonly frames: FrameCounts;
  /** Frames that the vision worker closed. */
  readonly closedByWorker: number;
  readonly sightings: number;
}

/** Memory may rise by so much from the second quarter to the last: caches and collectors breathe. */
const MOST_GROWTH = 0.05;
const BREATH_BYTES = 4e6;
/** Frames that were taken from the camera and not looked at when the session was stopped. */
const MOST_WAITING = 2;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** How much memory has grown, in bytes: the median of the last quarter less that of the second; what is before is the start. */
export function growth(memory: readonly number[]): number {
  const quarter = memory.length / 4;
  const part = (from: number, to: number): readonly number[] =>
    memory.slice(Math.floor(from * quarter), Math.ceil(to * quarter));
  return median(part(3, 4)) - median(part(1, 2));
}

/** What is wrong, one sentence each; empty where all is well. */
export function faultsOf({ memory, session, frames, closedByWorker, sightings }: Soak): readonly string[] {
  const { stats, events, open, strays, droppedTold } = session;
  const of = (type: string): number => events[type] ?? 0;
  const faults: string[] = [];
  const expect = (isRight: boolean, text: string): void => void (isRight || faults.push(text));
  const grown = growth(memory);
  const most = Math.max(BREATH_BYTES, MOST_GROWTH * (memory[Math.floor(memory.length / 4)] ?? 0));
  expect(grown <= most, `memory has grown by ${grown} bytes, from ${memory.join(', ')}`);
  expect(frames.open === 0, `${frames.open} frames were never closed in the page`);
  expect(
    closedByWorker === frames.sent,
    `of ${frames.sent} frames that were sent the worker closed ${closedByWorker}`,
  );
  const unseen = frames.taken - stats.processed - stats.dropped;
  expect(
    unseen >= 0 && unseen <= MOST_WAITING,
    `of ${frames.taken} frames ${stats.processed} were looked at and ${stats.dropped} dropped`,
  );
  expect(droppedTold === stats.dropped, `${droppedTold} of ${stats.dropped} drops were told`);
  expect(of('appeared') > 0, 'nobody appeared');
  expect(of('appeared') === of('lost') && open === 0, `${open} tracks appeared and were never lost`);
  expect(strays === 0, `${strays} events were of tracks that were not there`);
  expect(
    of('sighted') === of('best-shot') && sightings === of('sighted'),
    `of ${of('best-shot')} reports ${of('sighted')} were told as sighted and ${sightings} stored`,
  );
  expect(of('ended') === 1, `the end was told ${of('ended')} times`);
  expect(of('source') === 0, `the source was disturbed ${of('source')} times`);
  return faults;
}
