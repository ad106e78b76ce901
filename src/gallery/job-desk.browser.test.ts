import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import {
  cheapPassphrases,
  dropDatabase,
  openEngine,
  rawSeqs,
  rawStore,
  testDatabase,
  testFace,
} from './test-gallery.ts';

let database: string;
let engine: GalleryEngine;
beforeEach(async () => {
  database = testDatabase();
  engine = await openEngine(database);
});
afterEach(async () => {
  engine.close();
  await dropDatabase(database);
});

/** A job of some photos that is under way. */
async function running(photos: number): Promise<void> {
  await engine.jobs.createJob('job', 'default', {});
  const item = { meta: 'name', photo: new Uint8Array([1]), type: 'image/jpeg' };
  await engine.jobs.addJobItems(
    'job',
    Array.from({ length: photos }, (_, i) => ({ ...item, name: `${i}.jpg` })),
  );
  await engine.jobs.stepJob('job', 'staged');
  await engine.jobs.stepJob('job', 'start');
}

const enrol = (index: number, duplicates: 'add' | 'skip' | 'replace', ...seeds: number[]) =>
  engine.jobDesk.enrolJobItem('job', index, {
    faces: seeds.map((seed) => testFace(seed, { photoHash: 'hash' })),
    shortfalls: [],
    duplicates,
  });

test('a job whose photos were not all stored is told, and cannot be run', async () => {
  await engine.jobs.createJob('job', 'default', {});
  expect(await engine.jobs.readJob('job')).toMatchObject({ incomplete: true, state: 'waiting' });
  const refused = { code: 'BAD_PARAM', message: expect.stringContaining('delete the job') as string };
  await expect(engine.jobs.stepJob('job', 'start')).rejects.toMatchObject(refused);
  await engine.jobs.stepJob('job', 'staged');
  expect(await engine.jobs.stepJob('job', 'start')).not.toHaveProperty('incomplete');
});

test('another page pauses and cancels a job', async () => {
  await running(3);
  const other = await openEngine(database);
  expect(await engine.jobs.waitingItems('job', 0, 1)).toHaveLength(1);
  await other.jobs.stepJob('job', 'pause');
  expect(await engine.jobs.waitingItems('job', 0, 1)).toEqual([]);
  expect(await engine.jobs.stepJob('job', 'end')).toMatchObject({ state: 'paused' });
  await engine.jobs.stepJob('job', 'start');
  await other.jobs.stepJob('job', 'cancel');
  other.close();
  expect((await enrol(0, 'add', 1)).outcome).toEqual({ status: 'waiting', ids: [] });
  expect(await engine.jobs.stepJob('job', 'end')).toMatchObject({
    state: 'cancelled',
    counts: { waiting: 3 },
  });
  expect(await engine.count('default')).toBe(0);
  await expect(engine.jobs.stepJob('job', 'start')).rejects.toMatchObject({ code: 'BAD_PARAM' });
});

test('a photo that is settled is not enrolled again', async () => {
  await running(1);
  const faces = await enrol(0, 'add', 1, 2);
  expect(faces).toMatchObject({ outcome: { status: 'added' }, job: { counts: { added: 1, waiting: 0 } } });
  expect((await enrol(0, 'add', 3, 4)).outcome).toEqual({ status: 'added', ids: ['face-1', 'face-2'] });
  expect(await rawSeqs(database)).toHaveLength(2);
});

test('replacing is all or nothing, and needs no room for both', async () => {
  await engine.createGallery('small', 2);
  await engine.addFaces([testFace(1, { galleries: ['default', 'small'], photoHash: 'hash' })]);
  await running(3);
  // A face that is there already: neither it nor the one to be replaced changes, and the photo waits.
  await engine.addFaces([testFace(9)]);
  await expect(enrol(0, 'replace', 9)).rejects.toMatchObject({ code: 'FACE_EXISTS' });
  expect((await engine.getFace('default', 'face-1')).meta).toBe('name-1');
  expect((await engine.jobs.listJobItems('job'))[0]).toMatchObject({ status: 'waiting' });
  expect((await enrol(0, 'skip', 2)).outcome).toEqual({ status: 'skipped', ids: ['face-1'] });
  expect((await enrol(1, 'replace', 3)).outcome).toEqual({ status: 'added', ids: ['face-3'] });
  await expect(engine.getFace('default', 'face-1')).rejects.toMatchObject({ code: 'FACE_NOT_FOUND' });
  expect(await engine.count('default')).toBe(2);
  expect((await engine.getFace('small', 'face-1')).galleries).toEqual(['small']);
  const hits = await engine.search('default', {
    modelId: 'model-8',
    probes: [testFace(3).vector],
    limit: 9,
    minCosine: -1,
  });
  expect(hits[0]?.map(({ record }) => record.id).sort()).toEqual(['face-3', 'face-9']);
});

test('a report keeps the names of faces that are made anew', async () => {
  await running(1);
  await enrol(0, 'add', 1);
  const { vector } = testFace(7);
  const [stale] = await engine.regenerated.nextStale('other', 0, 9);
  await engine.putRegenerated('other', [{ seq: stale!.seq, vector }]);
  await engine.swapRegenerated('other', 'keep');
  expect(await engine.jobs.listJobItems('job')).toMatchObject([{ name: '0.jpg', ids: ['face-1'] }]);
  await engine.deleteFaces('default', ['face-1']);
  expect(await engine.jobs.listJobItems('job')).toMatchObject([{ name: '(deleted)', ids: [] }]);
});

test('a job whose photos are known to take more than the browser gives is refused before any of them is stored', async () => {
  await expect(engine.jobDesk.createJob('huge', 'default', {}, 1e18)).rejects.toMatchObject({
    code: 'STORAGE_FULL',
    details: { bytes: 1e18 },
  });
  expect((await engine.jobs.listJobs()).map(({ id }) => id)).not.toContain('huge');
});

test('jobs that recognise are kept under new keys, and nothing of them can be read', async () => {
  cheapPassphrases();
  const sources = [{ name: 'secret.mp4', mediaType: 'video', type: 'video/mp4' }] as const;
  const made = { galleries: ['default'], options: { topK: 3 }, tag: 'secret tag', sources };
  const secret = new TextEncoder().encode('a secret video');
  const seen = {
    ...{ source: 0, track: 1, frameStart: 3, frameEnd: 9, timeStart: 120, timeEnd: 360 },
    ...{ person: 'secret Sam', faceId: 'face-1', isUnknown: false, cosine: 0.5 },
    closest: [{ person: 'secret Sam', faceId: 'face-1', cosine: 0.5 }],
    ...{ frames: Uint32Array.of(3, 9), boxes: Float32Array.of(0, 0, 0.5, 0.5, 0.1, 0.1, 0.5, 0.5) },
  };
  await engine.addFaces([testFace(1, { meta: 'secret Sam' })]);
  await engine.jobDesk.createRecognition('job', made);
  await engine.recognitions.addSourcePiece('job', 0, secret);
  await engine.jobs.stepJob('job', 'staged');
  await engine.jobs.stepJob('job', 'start');
  const step = { source: 0, framesDone: 10, workedMs: 1, appearances: [seen], checkpoint: secret };
  await engine.recognitions.saveRecognition('job', step);
  const told = async (): Promise<unknown> => ({
    job: await engine.jobs.readJob('job'),
    piece: await engine.recognitions.readSourcePiece('job', 0, 0),
    checkpoint: await engine.recognitions.readCheckpoint('job'),
    seen: await engine.jobDesk.listAppearances('job', 0, 9),
    labels: await engine.jobDesk.listLabels('job'),
  });
  const before = await told();
  expect(before).toMatchObject({ piece: secret, checkpoint: secret, labels: [['secret Sam']] });
  await engine.encrypt('correct horse');
  expect(await told()).toEqual(before);
  await engine.changePassphrase('correct horse', 'another horse', true);
  expect(await told()).toEqual(before);
  for (const store of ['jobs', 'jobPieces', 'jobCheckpoints', 'appearances'] as const) {
    const rows = await rawStore(database, store);
    expect(rows).toHaveLength(1);
    const bytes = rows.flatMap((row) => (row instanceof Uint8Array ? [row] : Object.values(row as object)));
    for (const each of bytes) {
      const text = each instanceof Uint8Array ? new TextDecoder().decode(each) : JSON.stringify(each);
      expect(text).not.toMatch(/secret|face-1/);
    }
  }
  // Faces are found by their tags under the new keys.
  await engine.deleteFaces('default', ['face-1']);
  expect(JSON.stringify(await engine.jobDesk.listAppearances('job', 0, 9))).not.toContain('Sam');
  await engine.jobs.deleteJob('job');
  for (const store of ['jobPieces', 'jobCheckpoints', 'appearances'] as const)
    expect(await rawStore(database, store)).toEqual([]);
});
