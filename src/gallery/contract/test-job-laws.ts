/** Laws of enrolment jobs. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { JobItemStatus, JobStep } from '../../core/jobs.ts';
import { NO_ITEMS } from '../../core/jobs.ts';
import type { GalleryDatabase, JobPhoto } from '../port.ts';
import { dump } from './test-dump.ts';
import { expectInStep } from './test-in-step.ts';
import { outcome, prepared, type Laws } from './test-subject.ts';

const item = (
  name: string,
): { name: string; meta: string; photo: Uint8Array<ArrayBuffer>; type: string } => ({
  ...{ name, meta: `meta of ${name}` },
  ...{ photo: Uint8Array.of(1, 2, name.length), type: 'image/jpeg' },
});

/** A job of some photos that is under way. */
async function running({ jobs }: GalleryDatabase, photos: number, id = 'job'): Promise<void> {
  await jobs.createJob(id, 'default', { keep: 'crops' });
  await jobs.addJobItems(
    id,
    Array.from({ length: photos }, (_, i) => item(`${i}.jpg`)),
  );
  await jobs.stepJob(id, 'staged');
  await jobs.stepJob(id, 'start');
}

const photo = (duplicates: JobPhoto['duplicates'], ...seeds: number[]): JobPhoto => ({
  ...{ faces: seeds.map((seed) => prepared(seed, { photoHash: 'hash' })), duplicates },
  shortfalls: [],
});

export const jobLaws: Laws = {
  'jobs are listed, the newest first, with what they were made with': async ({ database }) => {
    const { jobs } = database;
    const options = { keep: 'crops', nested: { meta: ['a', 'b'] } };
    const made = await jobs.createJob('first', 'default', options);
    expect(made).toMatchObject({
      id: 'first',
      gallery: 'default',
      options,
      kind: 'enrol',
      state: 'waiting',
      incomplete: true,
    });
    expect(made.counts).toEqual(NO_ITEMS);
    await new Promise((resolve) => setTimeout(resolve, 3));
    await jobs.createJob('b', 'default', {});
    await jobs.createJob('a', 'default', {});
    const listed = await jobs.listJobs();
    expect(listed.at(-1)).toEqual(made);
    // Those of the same millisecond by id.
    const [newest, next] = listed.map(({ id, createdAt }) => ({ id, createdAt }));
    expect([newest?.id, next?.id]).toEqual(newest?.createdAt === next?.createdAt ? ['a', 'b'] : ['a', 'b']);
    expect(await jobs.readJob('first')).toEqual(made);
    expect(await outcome(jobs.readJob('nobody'))).toBe('BAD_PARAM');
    await jobs.deleteJob('first');
    expect((await jobs.listJobs()).map(({ id }) => id)).toEqual(['a', 'b']);
  },

  'the photos that wait are handed out in their order, with their bytes, while the job is running': async ({
    database,
  }) => {
    const { jobs } = database;
    await running(database, 4);
    await jobs.addJobItems('job', [item('late.jpg')]);
    await jobs.settleJobItem('job', 1, { status: 'skipped', ids: ['x'] });
    const waiting = await jobs.waitingItems('job', 0, 3);
    expect(waiting.map(({ index }) => index)).toEqual([0, 2, 3]);
    expect(waiting[0]).toEqual({ ...item('0.jpg'), index: 0, status: 'waiting', ids: [] });
    expect((await jobs.waitingItems('job', 3, 9)).map(({ name }) => name)).toEqual(['3.jpg', 'late.jpg']);
    await jobs.stepJob('job', 'pause');
    expect(await jobs.waitingItems('job', 0, 3)).toEqual([]);
    const listed = await jobs.listJobItems('job');
    expect(listed.map(({ index, status }) => [index, status])).toEqual([
      [0, 'waiting'],
      [1, 'skipped'],
      [2, 'waiting'],
      [3, 'waiting'],
      [4, 'waiting'],
    ]);
    expect(listed[0]).toEqual({
      index: 0,
      name: '0.jpg',
      meta: 'meta of 0.jpg',
      status: 'waiting',
      ids: [],
    });
  },

  'only a job that runs ends, one that runs or waits is paused, and a cancelled one starts no more': async ({
    database,
  }) => {
    const { jobs } = database;
    const error = { code: 'STORAGE_FULL', message: 'full' } as const;
    const steps: readonly (readonly [JobStep, string | object, typeof error?])[] = [
      ['start', 'BAD_PARAM'],
      ['staged', { state: 'waiting' }],
      ['end', { state: 'waiting' }],
      ['pause', { state: 'paused' }],
      ['end', { state: 'paused' }],
      ['queue', { state: 'waiting' }],
      ['start', { state: 'running' }],
      ['end', { state: 'paused', error }, error],
      ['start', { state: 'running' }],
      ['end', { state: 'paused' }],
      ['cancel', { state: 'cancelled' }],
      ['end', { state: 'cancelled' }],
      ['pause', { state: 'cancelled' }],
      ['start', 'BAD_PARAM'],
      ['queue', 'BAD_PARAM'],
    ];
    await jobs.createJob('job', 'default', {});
    await jobs.addJobItems('job', [item('a')]);
    for (const [step, expected, why] of steps) {
      const done = jobs.stepJob('job', step, why);
      if (typeof expected === 'string') expect(await outcome(done)).toBe(expected);
      else {
        const job = await done;
        expect(job).toMatchObject(expected);
        if (!('error' in expected)) expect(job).not.toHaveProperty('error');
        expect(await jobs.readJob('job')).toEqual(job);
      }
    }
    await running(database, 1, 'whole');
    await jobs.settleJobItem('whole', 0, { status: 'rejected', ids: [], shortfalls: [] });
    const ended = await jobs.stepJob('whole', 'end');
    expect(ended).toMatchObject({ state: 'done', counts: { rejected: 1 } });
    expect(ended.startedAt).toBeGreaterThanOrEqual(ended.createdAt);
    expect(ended.completedAt).toBeGreaterThanOrEqual(ended.startedAt as number);
    await running(database, 1, 'unread');
    await jobs.settleJobItem('unread', 0, { status: 'failed', ids: [], error });
    expect(await jobs.stepJob('unread', 'end')).toMatchObject({ state: 'failed' });
    await jobs.retryJob('unread');
    expect(await jobs.stepJob('unread', 'start')).toMatchObject({ state: 'running' });
    expect(await jobs.readJob('unread')).not.toHaveProperty('completedAt');
  },

  'the counts tell the photos, whatever becomes of them': async ({ database }, _place, subject) => {
    const { jobs } = database;
    const status = fc.constantFrom<JobItemStatus>('added', 'rejected', 'skipped', 'failed');
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ index: fc.nat(5), status }) },
      { weight: 1, arbitrary: fc.constant('retry' as const) },
      { weight: 1, arbitrary: fc.constant('more' as const) },
    );
    let no = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (run) => {
        const id = `job ${no++}`;
        await running(database, 6, id);
        const expected = Array<JobItemStatus>(6).fill('waiting');
        for (const each of run) {
          if (each === 'retry') {
            await jobs.retryJob(id);
            expected.forEach((was, i) => (expected[i] = was === 'failed' ? 'waiting' : was));
          } else if (each === 'more') {
            await jobs.addJobItems(id, [item('more.jpg')]);
            expected.push('waiting');
          } else {
            const error = each.status === 'failed' && {
              error: { code: 'NO_FACE', message: 'none' } as const,
            };
            await jobs.settleJobItem(id, each.index, { status: each.status, ids: [], ...error });
            expected[each.index] = each.status;
          }
        }
        const items = await jobs.listJobItems(id);
        expect(items.map((each) => each.status)).toEqual(expected);
        for (const each of items) expect(each.error !== undefined).toBe(each.status === 'failed');
        const counts: Record<string, number> = { ...NO_ITEMS };
        for (const each of expected) counts[each] = (counts[each] ?? 0) + 1;
        expect(await jobs.readJob(id)).toMatchObject({ counts });
        const waiting = await jobs.waitingItems(id, 0, 100);
        expect(waiting).toHaveLength(counts['waiting'] as number);
        await jobs.deleteJob(id);
      }),
      { numRuns: Math.min(subject.runs, 20) },
    );
    expect(await jobs.listJobs()).toEqual([]);
  },

  'a failed photo keeps its bytes and can be tried again; of the others they go': async ({ database }) => {
    const { jobs } = database;
    await running(database, 2);
    const error = { code: 'NO_FACE', message: 'There is no face' } as const;
    await jobs.settleJobItem('job', 0, { status: 'failed', ids: [], error });
    await jobs.settleJobItem('job', 1, { status: 'skipped', ids: [] });
    expect((await jobs.listJobItems('job'))[0]).toMatchObject({ status: 'failed', error });
    expect(await jobs.readJob('job')).toMatchObject({ counts: { ...NO_ITEMS, failed: 1, skipped: 1 } });
    await jobs.retryJob('job');
    const [waiting, ...others] = await jobs.waitingItems('job', 0, 9);
    expect(others).toEqual([]);
    expect(waiting).toEqual({ ...item('0.jpg'), index: 0, status: 'waiting', ids: [] });
    await jobs.settleJobItem('job', 1, { status: 'failed', ids: [], error });
    await jobs.retryJob('job');
    expect((await jobs.waitingItems('job', 1, 9))[0]?.photo).toHaveLength(0);
    await jobs.deleteJob('job');
    await jobs.createJob('job', 'default', {});
    expect(await jobs.listJobItems('job')).toEqual([]);
  },

  'a photo is enrolled once; what its gallery has of it is kept, left out or replaced': async (opened) => {
    const { database } = opened;
    const { jobs } = database;
    await database.createGallery('a', null);
    await running(database, 6);
    const added = await jobs.enrolJobItem('job', 0, photo('skip', 1, 2));
    expect(added).toMatchObject({
      outcome: { status: 'added', ids: ['face-1', 'face-2'] },
      job: { counts: { added: 1, waiting: 5 } },
    });
    // Again, as after a page that ended before it was told.
    expect((await jobs.enrolJobItem('job', 0, photo('add', 3))).outcome).toEqual(added.outcome);
    expect((await jobs.enrolJobItem('job', 1, photo('skip', 4))).outcome).toEqual({
      status: 'skipped',
      ids: ['face-1', 'face-2'],
    });
    expect((await jobs.enrolJobItem('job', 2, photo('add', 4))).outcome).toEqual({
      status: 'added',
      ids: ['face-4'],
    });
    await database.updateFaces('default', ['face-2'], { galleries: { add: ['a'] } });
    expect((await jobs.enrolJobItem('job', 3, photo('replace', 5))).outcome).toEqual({
      status: 'added',
      ids: ['face-5'],
    });
    expect((await database.readGallery('default')).count).toBe(1);
    expect((await database.readFace('a', 'face-2')).galleries).toEqual(['a']);
    const [first] = await jobs.listJobItems('job');
    expect(first).toMatchObject({ name: '(deleted)', meta: '', ids: ['face-2'] });
    const nothing = await jobs.enrolJobItem('job', 4, photo('skip'));
    expect(nothing.outcome).toEqual({ status: 'rejected', ids: [], shortfalls: [] });
    await jobs.stepJob('job', 'cancel');
    expect((await jobs.enrolJobItem('job', 5, photo('add', 6))).outcome).toEqual({
      status: 'waiting',
      ids: [],
    });
    expect(await jobs.readJob('job')).toMatchObject({
      counts: { ...NO_ITEMS, added: 3, skipped: 1, rejected: 1, waiting: 1 },
    });
    await expectInStep(opened);
  },

  'jobs forget faces that are deleted, however that is done, and keep those that are not': async (opened) => {
    const { database } = opened;
    await database.createGallery('a', null);
    await database.addFaces([
      prepared(1),
      prepared(2, { galleries: ['default', 'a'] }),
      prepared(3, { galleries: ['a'] }),
    ]);
    for (const id of ['one', 'two']) {
      await running(database, 2, id);
      await database.jobs.settleJobItem(id, 0, { status: 'added', ids: ['face-1', 'face-2'] });
      await database.jobs.settleJobItem(id, 1, { status: 'added', ids: ['face-3'] });
    }
    await database.jobs.deleteJob('two');
    const before = await dump(database);
    await database.deleteFaces('default', ['face-2']);
    expect((await database.jobs.listJobItems('one'))[0]).toMatchObject({ name: '0.jpg' });
    await database.updateFaces('a', ['face-2'], { galleries: { set: ['default', 'a'] } });
    expect(await dump(database)).toEqual(before);
    await database.deleteFaces('default', ['face-1']);
    await database.deleteGallery('a');
    expect(await database.jobs.listJobItems('one')).toMatchObject([
      { name: '(deleted)', meta: '', ids: ['face-2'], status: 'added' },
      { name: '(deleted)', meta: '', ids: [], status: 'added' },
    ]);
    await database.eraseAll();
    expect(await database.jobs.listJobs()).toEqual([]);
  },
};
