/** What failed waits again only where the job can be run. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inMemory } from '../gallery/memory/memory-database.ts';
import type { FaceMemory, JobStore } from '../gallery/port.ts';
import { processLocks } from '../platform/node/locks.ts';
import { EnrolJob } from './enrol-job.ts';
import { JobRuns } from './job-facts.ts';
import { RecogniseJob } from './recognise-job.ts';
import type { Session } from './session.ts';

/** No faces are stored. */
const NO_MEMORY = {
  lookup: {},
  refill: () => ({ end: () => undefined, cancel: () => undefined }),
} as unknown as FaceMemory;

let jobs: JobStore;
let session: Session;
let runs: JobRuns;
let end: () => void = () => undefined;

beforeEach(async () => {
  ({ jobs } = await inMemory()(NO_MEMORY, {}));
  const ask = (name: keyof JobStore, args: never[]): unknown =>
    (jobs[name] as (...args: never[]) => unknown)(...args);
  session = { gallery: { ask }, host: { locks: processLocks() }, concurrency: 1 } as unknown as Session;
  runs = new JobRuns(session);
  await jobs.createJob('photos', 'default', {});
  await jobs.addJobItems('photos', [{ name: 'a', meta: '', photo: Uint8Array.of(1), type: 'image/jpeg' }]);
  const error = { code: 'IMAGE_DECODING_FAILED', message: 'no picture' } as const;
  await jobs.settleJobItem('photos', 0, { status: 'failed', ids: [], error });
  await jobs.recognitions.createRecognition('videos', {
    ...{ galleries: ['default'], options: {} },
    sources: [{ name: 'a', mediaType: 'video', type: '', url: 'https://example.org/a' }],
  });
  for (const id of ['photos', 'videos']) await jobs.stepJob(id, 'staged');
  await jobs.stepJob('videos', 'start');
  await jobs.recognitions.saveRecognition('videos', {
    ...{ source: 0, framesDone: 9, workedMs: 1, appearances: [], checkpoint: Uint8Array.of(9) },
    ended: { error },
  });
  await jobs.stepJob('videos', 'end');
});
afterEach(() => end());

const jobOf = (id: string): EnrolJob | RecogniseJob =>
  id === 'photos' ? new EnrolJob(session, id, runs) : new RecogniseJob(session, id, runs);

describe.each(['photos', 'videos'])('a job of %s', (id) => {
  test('that is under way', async () => {
    void runs.run(id, undefined, () => new Promise<void>((resolve) => (end = resolve)));
    const before = await jobs.readJob(id);
    await expect(jobOf(id).retry()).rejects.toMatchObject({ code: 'BAD_PARAM' });
    expect(await jobs.readJob(id)).toEqual(before);
  });

  test('that was cancelled', async () => {
    await jobs.stepJob(id, 'cancel');
    const before = await jobs.readJob(id);
    await expect(jobOf(id).retry()).rejects.toMatchObject({ code: 'BAD_PARAM' });
    expect(await jobs.readJob(id)).toEqual(before);
  });
});
