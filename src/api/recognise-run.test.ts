/** A job that is killed at any moment, and goes on, tells what it would have told. */
import { expect, test } from 'vitest';
import { Random } from '../../tools/random.ts';
import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { NearFaceError } from '../core/errors.ts';
import type { RecogniseProgress } from '../core/recognition.ts';
import { inMemory } from '../gallery/memory/memory-database.ts';
import type { FaceMemory, JobStore, StoredRecognition } from '../gallery/port.ts';
import { DEFAULT_APPEARANCE } from '../video/appearance.ts';
import type { FollowOptions } from '../video/follow-options.ts';
import { Follower } from '../video/follower.ts';
import { DEFAULT_TRACKER } from '../video/tracker-options.ts';
import { assignUnknown } from '../video/unknowns.ts';
import { RecognitionRun, type RunParts } from './recognise-run.ts';
import { testStages, type TestPicture, type TestVideo, type Tick, videoSource } from './test-scene.ts';

const VIDEOS: readonly TestVideo[] = [
  {
    frames: 110,
    cutAt: 80,
    walkers: [
      { person: 1, from: 0, to: 60, start: [80, 120], end: [520, 140] },
      { person: 2, from: 10, to: 60, start: [540, 130], end: [90, 130] },
      // Back after a moment.
      { person: 1, from: 66, to: 79, start: [520, 140], end: [400, 140] },
      { person: 3, from: 82, to: 109, start: [300, 200], end: [320, 210] },
    ],
  },
  // An image; see `look` below.
  { frames: 1, walkers: [] },
  {
    frames: 90,
    damagedAt: 70,
    walkers: [
      { person: 2, from: 3, to: 40, start: [200, 100], end: [240, 120] },
      { person: 4, from: 20, to: 89, start: [400, 250], end: [420, 200] },
    ],
  },
];

const OPTIONS: FollowOptions = {
  tracker: { ...DEFAULT_TRACKER, appearance: DEFAULT_APPEARANCE },
  ...{ motionThreshold: 0, motionScale: 0.3, live: false, realtime: false, minShotScore: 0, scoreStep: 0.05 },
  ...{ delayMs: 0, refreshMs: 0, boxScale: 1, photo: false, aligned: false, startTime: 0 },
  details: { landmarks: false, mesh: false, attributes: [], liveness: false },
};

/** No faces are stored. */
const NO_MEMORY = {
  lookup: {},
  refill: () => ({ end: () => undefined, cancel: () => undefined }),
} as unknown as FaceMemory;

async function openJobs(): Promise<JobStore> {
  return (await inMemory()(NO_MEMORY, {})).jobs;
}

async function makeJob(jobs: JobStore): Promise<void> {
  await jobs.recognitions.createRecognition('job', {
    ...{ galleries: ['default'], options: {} },
    sources: VIDEOS.map((_, i) => ({
      name: `source ${i}`,
      mediaType: i === 1 ? ('image' as const) : ('video' as const),
      type: '',
      url: `https://example.org/${i}`,
    })),
  });
  await jobs.stepJob('job', 'staged');
}

interface Seen {
  readonly frames: number[];
  readonly progress: RecogniseProgress[];
}

function partsOf({ recognitions }: JobStore, tick: Tick, seen: Seen): RunParts<TestPicture, TestPicture> {
  let now = 0;
  return {
    now: () => now,
    saveEveryMs: 150,
    readCheckpoint: () => recognitions.readCheckpoint('job'),
    async save(step) {
      tick('before it is kept');
      const job = await recognitions.saveRecognition('job', step);
      tick('after it was kept');
      return job;
    },
    open: (no) => {
      tick('open');
      return Promise.resolve(
        videoSource(VIDEOS[no]!, (what) => {
          tick(what);
          now += 10;
        }),
      );
    },
    follow: (_, state) => new Follower(testStages(tick), OPTIONS, undefined, state),
    send: (picture) => {
      seen.frames.push(picture.index);
      return picture;
    },
    look: () => {
      tick('look');
      const [frames, boxes] = [Uint32Array.of(0), Float32Array.of(0.1, 0.1, 0.2, 0.3)];
      const place = { track: 1, frameStart: 0, frameEnd: 0, timeStart: 0, timeEnd: 0, frames, boxes };
      return Promise.resolve({ width: 640, height: 480, seen: [{ ...place, pictures: {} }] });
    },
    async identify(source, { mean, pictures, ...stay }, unknowns) {
      tick('identify');
      const type = 'image/jpeg';
      const bytes = new Uint8Array((await pictures.thumbnail?.arrayBuffer()) ?? new ArrayBuffer(0));
      const appearance = { source, ...stay, isUnknown: true, closest: [], thumbnail: { type, bytes } };
      if (!mean) return [{ ...appearance, person: 'Unknown' }, unknowns];
      const rule = { ...DEFAULT_APPEARANCE, same: DEFAULT_THRESHOLD };
      const [next, no] = assignUnknown(unknowns, mean, { source, ...stay }, rule);
      return [{ ...appearance, person: `Unknown #${no}`, cosine: mean.embedding[0]! }, next];
    },
    onProgress: (progress) => seen.progress.push(progress),
  };
}

/** Runs the job until it ends, or `tick` throws. */
async function run(jobs: JobStore, tick: Tick, stop: AbortSignal, seen: Seen): Promise<StoredRecognition> {
  await jobs.stepJob('job', 'queue');
  const job = (await jobs.stepJob('job', 'start')) as StoredRecognition;
  await new RecognitionRun(job, partsOf(jobs, tick, seen)).run(stop);
  return (await jobs.stepJob('job', 'end')) as StoredRecognition;
}

const never = new AbortController().signal;
const nothing = (): Seen => ({ frames: [], progress: [] });

interface Told {
  readonly seen: Awaited<ReturnType<JobStore['recognitions']['listAppearances']>>;
  readonly sources: StoredRecognition['sources'];
  readonly state: string;
}

async function told(jobs: JobStore): Promise<Told> {
  const { sources, state } = (await jobs.readJob('job')) as StoredRecognition;
  return { seen: await jobs.recognitions.listAppearances('job', 0, 1000), sources, state };
}

async function uninterrupted(): Promise<Told & { readonly ticks: number; readonly all: Seen }> {
  const jobs = await openJobs();
  await makeJob(jobs);
  let ticks = 0;
  const all = nothing();
  await run(jobs, () => void ticks++, never, all);
  return { ...(await told(jobs)), ticks, all };
}

test('a job tells who is in its sources, and goes on where one is damaged', async () => {
  const { seen, sources, state, all } = await uninterrupted();
  expect(state).toBe('done');
  expect(sources).toMatchObject([
    { status: 'done', framesDone: 110, facts: { width: 640, height: 360, fps: 25, frames: 110 } },
    { status: 'done', framesDone: 1, facts: { width: 640, height: 480 } },
    { status: 'failed', framesDone: 70, error: { code: 'VIDEO_DECODING_FAILED' } },
  ]);
  const people = seen.appearances.map(({ source, person, frameStart, frameEnd }) => {
    return [source, person, frameStart, frameEnd];
  });
  expect(people).toEqual([
    // Who came back is the same appearance; whom the cut ended is not. Faces are looked for in every third frame, after the first three and the three after a cut.
    [0, expect.stringMatching(/^Unknown #[12]$/), 0, 79],
    [0, expect.stringMatching(/^Unknown #[12]$/), 11, 60],
    [0, 'Unknown #3', 82, 109],
    [1, 'Unknown', 0, 0],
    [2, seen.appearances[1]?.person, 5, 40],
    [2, 'Unknown #4', 20, 69],
  ]);
  const [first] = seen.appearances;
  // Every frame that was looked at: 61 of the first stay and 14 of the second.
  expect(first?.frames.length).toBeGreaterThanOrEqual(73);
  expect([...(first?.frames ?? [])]).toEqual([...(first?.frames ?? [])].sort((a, b) => a - b));
  expect(first?.boxes).toHaveLength(4 * (first?.frames.length ?? 0));
  expect(first?.boxes.every((share) => share >= 0 && share <= 1)).toBe(true);
  expect(all.progress.at(-1)).toMatchObject({ progress: 1, sourcesDone: 3, sources: 3, appearances: 6 });
  const shares = all.progress.map(({ progress }) => progress);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

test('two runs tell the same to the last digit', async () => {
  const [a, b] = [await uninterrupted(), await uninterrupted()];
  expect(a.seen).toEqual(b.seen);
});

test('a job that is killed fifty times, at any step of any frame, tells the same', async () => {
  const { ticks, all, ...expected } = await uninterrupted();
  const random = new Random(13);
  const jobs = await openJobs();
  await makeJob(jobs);
  let [kills, frames] = [0, 0];
  for (let isDone = false; !isDone;) {
    const before = (await jobs.readJob('job')) as StoredRecognition;
    const seen = nothing();
    // Often before anything is kept, and sometimes after, so that it gets on.
    const most = (1.3 * ticks * 15) / all.frames.length;
    let left = kills < 50 ? Math.floor(random.between(1, most)) : Infinity;
    let isKilled = false;
    try {
      await run(
        jobs,
        (what) => {
          // Whoever was killed does nothing any more.
          if (isKilled || --left < 0) isKilled = true;
          if (isKilled) throw new NearFaceError('DISPOSED', `killed: ${what}`);
        },
        never,
        seen,
      );
      isDone = true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'DISPOSED' });
      kills++;
    }
    frames += seen.frames.length;
    const at = before.sources.findIndex(({ status }) => status === 'waiting');
    // It goes on at the frame after the last that was kept.
    if (seen.frames.length > 0 && before.sources[at]?.mediaType === 'video')
      expect(seen.frames[0]).toBe(before.sources[at]?.framesDone);
  }
  expect(kills).toBeGreaterThanOrEqual(50);
  expect(frames).toBeLessThan(all.frames.length + kills * 20);
  expect(await told(jobs)).toEqual(expected);
});

test('a job that is paused goes on at the very frame, also where others pause it', async () => {
  const { ticks: _, all, ...expected } = await uninterrupted();
  const jobs = await openJobs();
  await makeJob(jobs);
  const [first, second, third] = [nothing(), nothing(), nothing()];
  const stopper = new AbortController();
  const after = (count: number, stop: () => unknown): Tick => {
    let frames = 0;
    return (what) => {
      if (what === 'take' && ++frames === count) stop();
    };
  };
  await jobs.stepJob('job', 'pause');
  const paused = await run(
    jobs,
    after(37, () => stopper.abort()),
    stopper.signal,
    first,
  );
  expect(paused).toMatchObject({ state: 'paused', sources: [{ framesDone: 37 }, {}, {}] });
  expect(first.frames).toHaveLength(37);
  // Another instance tells the database alone: it is noticed when what was seen is kept.
  const other = await run(
    jobs,
    after(20, () => void jobs.stepJob('job', 'pause')),
    never,
    second,
  );
  expect(other.state).toBe('paused');
  expect(second.frames[0]).toBe(37);
  await run(jobs, () => undefined, never, third);
  expect([...first.frames, ...second.frames, ...third.frames]).toEqual(all.frames);
  expect(await told(jobs)).toEqual(expected);
});

test('a worker that dies is forgiven, as nothing is lost; one that dies again and again ends the run', async () => {
  const { ticks: _, all: _all, ...expected } = await uninterrupted();
  const jobs = await openJobs();
  await makeJob(jobs);
  const seen = nothing();
  let count = 0;
  const dying: Tick = (what) => {
    if (what === 'measure' && ++count % 9 === 0) throw new NearFaceError('WORKER_DIED', 'it died');
  };
  await run(jobs, dying, never, seen);
  expect(count).toBeGreaterThan(18);
  expect(await told(jobs)).toEqual(expected);
  const others = await openJobs();
  await makeJob(others);
  const dead: Tick = (what) => {
    if (what === 'find') throw new NearFaceError('WORKER_DIED', 'it died');
  };
  await expect(run(others, dead, never, nothing())).rejects.toMatchObject({ code: 'WORKER_DIED' });
});

test('what is seen again after a worker has died is counted once', async () => {
  const jobs = await openJobs();
  await makeJob(jobs);
  const seen = nothing();
  let [isFound, deaths] = [false, 0];
  const dying: Tick = (what) => {
    isFound ||= what === 'identify';
    if (what !== 'before it is kept' || !isFound) return;
    isFound = false;
    // Every other time, so that what was found is kept at last.
    if (++deaths % 2 > 0) throw new NearFaceError('WORKER_DIED', 'it died');
  };
  await run(jobs, dying, never, seen);
  expect(seen.progress.at(-1)).toMatchObject({ appearances: 6 });
});

test('a failed source that is tried again begins anew', async () => {
  const { ticks: _, all: _all, ...expected } = await uninterrupted();
  const jobs = await openJobs();
  await makeJob(jobs);
  await run(jobs, () => undefined, never, nothing());
  await jobs.retryJob('job');
  expect((await jobs.recognitions.listAppearances('job', 0, 99)).total).toBe(4);
  const seen = nothing();
  await run(jobs, () => undefined, never, seen);
  expect(seen.frames[0]).toBe(0);
  expect(await told(jobs)).toEqual(expected);
});
