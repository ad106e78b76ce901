import { expect, test } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import type { Untold } from '../video/events.ts';
import { completeWatch } from './resolve-watch.ts';
import type { Walker } from './test-scene.ts';
import { eventsOf, testSession } from './test-session.ts';
import { asAsked } from './watch-told.ts';

/** Somebody who is there from one frame to another. */
function walker(person: number, from: number, to: number): Walker {
  return { person, from, to, start: [120 + 90 * person, 150], end: [180 + 90 * person, 200] };
}
const WALK = { frames: 60, walkers: [walker(1, 5, 40)] };

test('a session that waits until its events are read can be stopped', { timeout: 3000 }, async () => {
  const chatter = (): Promise<Untold[]> =>
    Promise.resolve(
      Array.from({ length: 600 }, () => ({ type: 'posted', trackId: 1, status: 0, body: '' }) as const),
    );
  const session = testSession(WALK, {
    reactions: [(event) => (event.type === 'appeared' ? chatter() : Promise.resolve([]))],
  });
  await session.opened;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stats = await session.stop();
  expect(stats.processed).toBeLessThan(WALK.frames);
  expect((await eventsOf(session)).at(-1)?.type).toBe('ended');
});

test.each(['measure', 'find'])('a worker that dies at "%s" loses no event', async (at) => {
  const usual = await eventsOf(testSession(WALK));
  const kinds = (events: typeof usual): string[] =>
    events.map(({ type }) => type).filter((type) => type !== 'source' && type !== 'progress');
  let steps = 0;
  await eventsOf(testSession(WALK, { tick: (what) => void (what === at && steps++) }));
  for (let dies = 0; dies < steps; dies += 1 + Math.floor(steps / 12)) {
    let count = 0;
    const tick = (what: string): void => {
      if (what === at && count++ === dies) throw new NearFaceError('WORKER_DIED', 'gone');
    };
    expect(kinds(await eventsOf(testSession(WALK, { tick }))), `${at} ${dies}`).toEqual(kinds(usual));
  }
});

test('what was done is counted up to the end, not to when it is asked for', async () => {
  let now = 0;
  const session = testSession(WALK, { now: () => (now += 1) });
  await eventsOf(session);
  const { elapsedMs, perSecond } = session.stats;
  now += 60_000;
  session.resume();
  expect(session.stats).toMatchObject({ elapsedMs, perSecond });
});

test('a stream over the frames that is asked for after the end has ended', async () => {
  let ended = 0;
  const session = testSession(WALK, { overlay: () => void ended++ });
  session.overlayStream({ width: 320, height: 180 });
  await eventsOf(session);
  expect(ended).toBe(1);
  session.overlayStream({ width: 320, height: 180 });
  expect(ended).toBe(2);
});

test('reactions are given what a shot was measured for, readers what they asked for', async () => {
  const given: unknown[] = [];
  const session = testSession(WALK, {
    reactions: [async (event) => (given.push(event), [])],
    tell: (event) => asAsked(event, completeWatch({})),
  });
  const told = await eventsOf(session);
  const photos = (events: readonly unknown[]): number =>
    (events as { photo?: unknown; best?: { photo?: unknown } }[]).filter(
      ({ photo, best }) => photo ?? best?.photo,
    ).length;
  expect([photos(given), photos(told)]).toEqual([2, 0]);
  expect(told.filter(({ type }) => type === 'best-shot')).toHaveLength(1);
});

test('images in a row go on where the worker that decodes them died, but not for ever', async () => {
  const dying = (deaths: readonly number[]): ReturnType<typeof testSession> => {
    let asked = 0;
    return testSession(WALK, {
      source: (source) => ({
        ...source,
        info: { ...source.info, kind: 'images' },
        next: (signal) =>
          deaths.includes(asked++)
            ? Promise.reject(new NearFaceError('WORKER_DIED', 'gone'))
            : source.next(signal),
      }),
    });
  };
  const told = await eventsOf(dying([20, 30, 31]));
  const changes = told.flatMap((event) => (event.type === 'source' ? [event.change] : []));
  expect(changes).toEqual(['recovered', 'recovered', 'recovered']);
  expect(told.map(({ type }) => type)).toContain('lost');
  await expect(eventsOf(dying([20, 21, 22]))).rejects.toMatchObject({ code: 'WORKER_DIED' });
});

test.each(['live', 'file'] as const)(
  'a stopped session (%s) waits two seconds for what it posts and stores, and tells what is not done by then',
  { timeout: 20_000 },
  async (kind) => {
    const posted = (stop: AbortSignal): Promise<Untold[]> =>
      new Promise((done) => {
        const end = (): void => done([{ type: 'posted', trackId: 1, status: 0, body: 'stopped' }]);
        if (stop.aborted) end();
        stop.addEventListener('abort', end);
      });
    let begun = 0;
    const session = testSession(WALK, {
      source: (source) => ({ ...source, info: { ...source.info, kind } }),
      reactions: [
        (event, stop) =>
          ['appeared', 'lost'].includes(event.type) ? (begun++, posted(stop)) : Promise.resolve([]),
      ],
    });
    while (begun === 0) await new Promise((done) => setTimeout(done, 5));
    const started = performance.now();
    await session.stop();
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(1500);
    expect(tookMs).toBeLessThan(10_000);
    const types = (await eventsOf(session)).map(({ type }) => type);
    // Both reports are told of: the one under way, and the one that had not begun.
    expect(types.filter((type) => type === 'posted')).toHaveLength(2);
    expect(types.at(-1)).toBe('ended');
  },
);

test('an image in a row that cannot be read is told of and left out', async () => {
  const row = (bad: ReadonlyMap<number, NearFaceError>): ReturnType<typeof testSession> => {
    let asked = 0;
    return testSession(WALK, {
      source: (source) => ({
        ...source,
        info: { ...source.info, kind: 'images' },
        // The image is passed over, as the next one has its own number.
        async next(signal) {
          const error = bad.get(asked++);
          const frame = await source.next(signal);
          if (error) throw error;
          return frame;
        },
      }),
    });
  };
  const broken = new NearFaceError('IMAGE_DECODING_FAILED', 'images[0]: no picture');
  const huge = new NearFaceError('IMAGE_TOO_LARGE', 'images[20]: too large');
  const events = await eventsOf(row(new Map([0, 20, 21].map((i) => [i, i === 0 ? broken : huge] as const))));
  const told = events.flatMap((event) =>
    event.type === 'source' ? [[event.change, event.frameIndex, event.error?.code, event.text]] : [],
  );
  expect(told).toEqual([
    ['skipped', 0, 'IMAGE_DECODING_FAILED', 'Image 0 was left out: images[0]: no picture'],
    ['skipped', 20, 'IMAGE_TOO_LARGE', 'Image 20 was left out: images[20]: too large'],
    ['skipped', 21, 'IMAGE_TOO_LARGE', 'Image 21 was left out: images[20]: too large'],
  ]);
  expect(events.filter(({ type }) => type === 'lost')).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: 'ended', stats: { processed: WALK.frames - 3 } });
  // What is wrong with the call ends it.
  const wrong = new NearFaceError('BAD_PARAM', 'images[3] is no image');
  await expect(eventsOf(row(new Map([[3, wrong]])))).rejects.toMatchObject({ code: 'BAD_PARAM' });
});
