import { expect, test } from 'vitest';
import type { LostEvent, VideoEvent } from '../events.ts';
import { reportOfEvents } from './of-events.ts';

function lost(trackId: number, firstTimeMs: number, more: object = {}): LostEvent {
  return {
    ...{ type: 'lost', trackId, reason: 'left', matches: [], firstTimeMs, lastTimeMs: firstTimeMs + 1000 },
    ...{ firstFrame: firstTimeMs / 40, lastFrame: firstTimeMs / 40 + 25 },
    ...more,
  } as unknown as LostEvent;
}

const match = (meta: string, cosine: number): object => ({
  ...{ record: { id: `face of ${meta}`, meta, personId: `id of ${meta}` }, cosine },
  distance: Math.sqrt(2 - 2 * cosine),
});

test('each track that was lost is an appearance, in the order of their coming', () => {
  const events = [
    { type: 'appeared' },
    lost(2, 4000, { matches: [match('Sam', 0.75), match('Pat', 0.25)] }),
    lost(1, 2000),
    lost(3, 3000, { reason: 'same', same: 1 }),
    { type: 'ended' },
  ] as unknown as VideoEvent[];
  const source = {
    kind: 'file',
    mediaType: 'video/mp4',
    fps: 25,
    width: 640,
    height: 480,
    frames: 250,
  } as const;
  const report = reportOfEvents(events, { title: 'clip', timeMs: 0, source });
  expect(report.sources).toMatchObject([
    { name: 'clip', mediaType: 'video/mp4', totalFrames: 250, labels: ['Unknown', 'Sam'] },
  ]);
  expect(report.appearances).toMatchObject([
    { id: 'track-1', person: 'Unknown', timecodeStart: '00:00:02:00', timecodeEnd: '00:00:03:00' },
    {
      ...{ id: 'track-2', person: 'Sam', personId: 'id of Sam', meanSimilarity: 0.75 },
      closestPersons: [
        { person: 'Sam', similarity: 0.75 },
        { person: 'Pat', similarity: 0.25 },
      ],
    },
  ]);
});

test('people are called as they are now, and times are those of the file', () => {
  const events = [
    lost(1, 5000, { personId: 'a' }),
    lost(2, 9000, { personId: 'a', matches: [match('Sam', 0.75)] }),
  ];
  const names = new Map([['a', 'Unknown #7']]);
  const { appearances } = reportOfEvents(events, { title: 'clip', timeMs: 0, startTime: 5000, names });
  expect(appearances).toMatchObject([
    { person: 'Unknown #7', personId: 'a', timeStart: 0, timeEnd: 1000 },
    { person: 'Unknown #7', personId: 'a', timeStart: 4000 },
  ]);
});

test("a camera's timecodes go by the clock", () => {
  const now = 1_700_000_000_000;
  const live = [
    lost(1, now, { firstFrame: 7, lastFrame: 9 }),
    lost(2, now + 60_000, { firstFrame: 11, lastFrame: 12 }),
  ];
  const { appearances, sources } = reportOfEvents(live, {
    title: 'door',
    timeMs: now,
    source: { kind: 'live' },
  });
  expect(appearances.map(({ timecodeStart }) => timecodeStart)).toEqual(['00:00:00:00', '00:01:00:00']);
  expect(sources[0]?.mediaType).toBe('live');
  expect(reportOfEvents([], { title: 'door', timeMs: now }).appearances).toEqual([]);
  // Also where somebody was there from the very beginning.
  const named = reportOfEvents(live, {
    title: 'door',
    timeMs: now,
    source: { kind: 'live' },
    startTime: now,
  });
  expect(named.appearances).toMatchObject([
    { timeStart: 0, timecodeStart: '00:00:00:00' },
    { timeStart: 60_000, timecodeStart: '00:01:00:00' },
  ]);
});
