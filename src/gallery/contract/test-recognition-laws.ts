/** Laws of jobs that recognise. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { GalleryDatabase, RecognitionStep, StoredAppearance } from '../port.ts';
import { compareAppearances } from '../recognition-steps.ts';
import { expectInStep } from './test-in-step.ts';
import { outcome, prepared, type Laws } from './test-subject.ts';

const video = (name: string) => ({ name, mediaType: 'video', type: 'video/mp4' }) as const;

/** A job over some videos that is under way. */
async function running({ jobs }: GalleryDatabase, names: readonly string[], id = 'job'): Promise<void> {
  await jobs.recognitions.createRecognition(id, {
    ...{ galleries: ['default'], options: { topK: 3 }, tag: 'mine' },
    sources: names.map(video),
  });
  await jobs.stepJob(id, 'staged');
  await jobs.stepJob(id, 'start');
}

function appearance(
  source: number,
  track: number,
  frameStart: number,
  more: Partial<StoredAppearance> = {},
): StoredAppearance {
  return {
    ...{ source, track, frameStart, frameEnd: frameStart + 9 },
    ...{ timeStart: frameStart * 40, timeEnd: (frameStart + 9) * 40 },
    ...{ person: 'Unknown', isUnknown: true, closest: [], cosine: 0.1 },
    thumbnail: { type: 'image/jpeg', bytes: Uint8Array.of(track, 2, 3) },
    frames: Uint32Array.of(frameStart, frameStart + 9),
    boxes: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    ...more,
  };
}

const step = (more: Partial<RecognitionStep> = {}): RecognitionStep => ({
  ...{ source: 0, framesDone: 10, workedMs: 5, appearances: [], checkpoint: Uint8Array.of(1) },
  ...more,
});

const closest = (faceId: string, person: string, cosine: number) => ({ faceId, person, cosine });

export const recognitionLaws: Laws = {
  'a job that recognises keeps its sources in pieces until they are done': async ({ database }) => {
    const { jobs } = database;
    const { recognitions } = jobs;
    const sources = [video('a.mp4'), { ...video('b'), url: 'https://example.org/b' }];
    const made = await recognitions.createRecognition('job', {
      ...{ galleries: ['default'], options: { topK: 3 }, tag: 'mine' },
      sources,
    });
    expect(made).toMatchObject({
      ...{ kind: 'recognise', state: 'waiting', incomplete: true, tag: 'mine', workedMs: 0 },
      sources: [{ name: 'a.mp4', status: 'waiting', framesDone: 0 }, sources[1]],
    });
    await recognitions.addSourcePiece('job', 0, Uint8Array.of(1, 2));
    await recognitions.addSourcePiece('job', 0, Uint8Array.of(3));
    expect(await outcome(recognitions.addSourcePiece('job', 1, Uint8Array.of(4)))).toBe('BAD_PARAM');
    expect(await outcome(recognitions.addSourcePiece('job', 2, Uint8Array.of(4)))).toBe('BAD_PARAM');
    await jobs.stepJob('job', 'staged');
    expect(await outcome(recognitions.addSourcePiece('job', 0, Uint8Array.of(4)))).toBe('BAD_PARAM');
    const pieces = [0, 1, 2].map(async (no) => recognitions.readSourcePiece('job', 0, no));
    expect(await Promise.all(pieces)).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3), null]);
    await jobs.stepJob('job', 'start');
    const error = { code: 'VIDEO_DECODING_FAILED', message: 'cut off' } as const;
    const failed = await recognitions.saveRecognition('job', step({ ended: { error } }));
    expect(failed.sources[0]).toMatchObject({ status: 'failed', error });
    expect(await recognitions.readSourcePiece('job', 0, 1)).toEqual(Uint8Array.of(3));
    await jobs.retryJob('job');
    await recognitions.saveRecognition('job', step({ ended: {} }));
    expect(await recognitions.readSourcePiece('job', 0, 0)).toBeNull();
    expect(await jobs.stepJob('job', 'end')).toMatchObject({ state: 'paused' });
    await recognitions.saveRecognition('job', step({ source: 1, ended: {} }));
    await jobs.stepJob('job', 'start');
    expect(await jobs.stepJob('job', 'end')).toMatchObject({ state: 'done', workedMs: 15 });
    expect(await jobs.listJobs()).toEqual([await jobs.readJob('job')]);
  },

  'what was seen is kept with what the job goes on from, all or nothing': async ({ database }) => {
    const { jobs } = database;
    const { recognitions } = jobs;
    await running(database, ['a.mp4', 'b.mp4']);
    expect(await recognitions.readCheckpoint('job')).toBeNull();
    const facts = { width: 640, height: 480, fps: 25, frames: 100, durationMs: 4000 };
    const seen = appearance(0, 1, 7);
    await recognitions.saveRecognition('job', step({ facts, appearances: [seen] }));
    expect(await recognitions.readCheckpoint('job')).toEqual(Uint8Array.of(1));
    expect(await jobs.readJob('job')).toMatchObject({
      sources: [{ framesDone: 10, facts, status: 'waiting' }, { framesDone: 0 }],
      workedMs: 5,
    });
    // A source that is done takes nothing any more.
    await recognitions.saveRecognition('job', step({ ended: {}, checkpoint: Uint8Array.of(2) }));
    const late = step({ appearances: [appearance(0, 2, 8)], checkpoint: Uint8Array.of(3) });
    expect(await outcome(recognitions.saveRecognition('job', late))).toBe('BAD_PARAM');
    await jobs.stepJob('job', 'cancel');
    const cancelled = step({ source: 1, appearances: [appearance(1, 1, 0)], checkpoint: Uint8Array.of(4) });
    expect(await recognitions.saveRecognition('job', cancelled)).toMatchObject({ state: 'cancelled' });
    expect(await recognitions.readCheckpoint('job')).toEqual(Uint8Array.of(2));
    expect(await recognitions.listAppearances('job', 0, 9)).toEqual({ appearances: [seen], total: 1 });
    await jobs.deleteJob('job');
    await running(database, ['a.mp4']);
    expect(await recognitions.readCheckpoint('job')).toBeNull();
    expect((await recognitions.listAppearances('job', 0, 9)).total).toBe(0);
    await jobs.createJob('photos', 'default', {});
    expect(await outcome(recognitions.readCheckpoint('photos'))).toBe('BAD_PARAM');
    expect(await outcome(recognitions.listAppearances('nobody', 0, 9))).toBe('BAD_PARAM');
    expect(await outcome(jobs.listJobItems('job'))).toBe('BAD_PARAM');
  },

  'appearances are told by page in their order, one of each track': async ({ database }, _place, subject) => {
    const { jobs } = database;
    const { recognitions } = jobs;
    const seen = fc.record({ source: fc.nat(2), track: fc.integer({ min: 1, max: 6 }), frame: fc.nat(300) });
    let no = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(seen, { maxLength: 4 }), { maxLength: 6 }), async (steps) => {
        const id = `job ${no++}`;
        await running(database, ['a', 'b', 'c'], id);
        const expected = new Map<string, StoredAppearance>();
        for (const some of steps) {
          const tracks = new Map(some.map((one) => [`${one.source} ${one.track}`, one]));
          const appearances = [...tracks.values()].map((one) => appearance(one.source, one.track, one.frame));
          for (const each of appearances) expected.set(`${each.source} ${each.track}`, each);
          await recognitions.saveRecognition(id, step({ appearances }));
        }
        const all = [...expected.values()].sort(compareAppearances);
        for (const [offset, limit] of [
          [0, 100],
          [0, 2],
          [3, 4],
          [all.length, 5],
          [99, 5],
          [1, 0],
        ] as const)
          expect(await recognitions.listAppearances(id, offset, limit)).toEqual({
            appearances: all.slice(offset, offset + limit),
            total: all.length,
          });
        await jobs.deleteJob(id);
      }),
      { numRuns: Math.min(subject.runs, 20) },
    );
  },

  'jobs forget whom they saw, too, when the faces are deleted': async (opened) => {
    const { database } = opened;
    const { recognitions } = database.jobs;
    await database.addFaces([prepared(1), prepared(2), prepared(3)]);
    await running(database, ['a.mp4']);
    const known = { person: 'Sam', personId: 'p', faceId: 'face-1', isUnknown: false };
    const both = [closest('face-1', 'Sam', 0.8), closest('face-2', 'Pat', 0.3)];
    const stranger = [closest('face-3', 'Kim', 0.2), closest('face-1', 'Sam', 0.1)];
    await recognitions.saveRecognition(
      'job',
      step({
        appearances: [
          appearance(0, 1, 0, { ...known, closest: both, cosine: 0.8 }),
          appearance(0, 2, 5, { closest: stranger, cosine: 0.2 }),
        ],
      }),
    );
    await database.deleteFaces('default', ['face-1']);
    const after = (await recognitions.listAppearances('job', 0, 9)).appearances;
    expect(JSON.stringify(after)).not.toMatch(/Sam|face-1/);
    expect(after[0]).toMatchObject({ person: '(deleted)', closest: [{ person: 'Pat' }], frameStart: 0 });
    expect(after[0]).not.toHaveProperty('thumbnail');
    expect(after[0]).not.toHaveProperty('personId');
    expect(after[0]).not.toHaveProperty('cosine');
    expect(after[1]).toMatchObject({ person: 'Unknown', closest: [{ person: 'Kim' }], cosine: 0.2 });
    expect(after[1]).toHaveProperty('thumbnail');
    // Somebody else may delete faces while it is found out who somebody is.
    const late = appearance(0, 3, 9, { ...known, closest: both, cosine: 0.8 });
    await recognitions.saveRecognition('job', step({ appearances: [late] }));
    const [, , last] = (await recognitions.listAppearances('job', 0, 9)).appearances;
    expect(JSON.stringify(last)).not.toMatch(/Sam|face-1/);
    expect(last).toMatchObject({ person: '(deleted)', closest: [{ person: 'Pat' }] });
    await database.deleteFaces('default', ['face-3', 'face-2']);
    const bare = (await recognitions.listAppearances('job', 0, 9)).appearances;
    expect(bare).toMatchObject([{ closest: [] }, { closest: [] }, { closest: [] }]);
    await expectInStep(opened);
    await database.eraseAll();
    expect(await database.jobs.listJobs()).toEqual([]);
    await running(database, ['a.mp4']);
    expect((await recognitions.listAppearances('job', 0, 9)).total).toBe(0);
  },
};
