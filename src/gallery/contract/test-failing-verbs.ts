/** Verbs that fail, on a database in which much can go wrong. */
import { NearFaceError } from '../../core/errors.ts';
import type { JobPhoto } from '../port.ts';
import { testVector } from '../test-vector.ts';
import { failingFaces } from './test-failing-faces.ts';
import { failingRecognitions, furnishRecognition } from './test-failing-recognitions.ts';
import { type Opened, picture, prepared } from './test-subject.ts';

/** A database in which much can go wrong. */
export async function furnish({ database }: Opened): Promise<void> {
  await database.createGallery('small', 2);
  await database.createGallery('other', null);
  await database.addFaces([
    prepared(1, { galleries: ['default', 'small'], photoHash: 'hash', pictures: [picture('crop', 'one')] }),
    prepared(2, { galleries: ['default', 'small'] }),
    prepared(3, { personId: 'p', photoHash: 'hash' }),
  ]);
  await database.addFaces([
    prepared(4, { galleries: ['other'], modelId: 'model-5', vector: testVector(4, 5) }),
  ]);
  const { jobs, regenerated } = database;
  const item = { meta: 'm', photo: Uint8Array.of(1, 2, 3), type: 'image/jpeg' };
  for (const id of ['job', 'new']) {
    await jobs.createJob(id, 'default', { keep: 'crops' });
    await jobs.addJobItems(
      id,
      ['a.jpg', 'b.jpg'].map((name) => ({ ...item, name })),
    );
  }
  await jobs.stepJob('job', 'staged');
  await jobs.stepJob('job', 'start');
  await jobs.settleJobItem('job', 1, { status: 'added', ids: ['face-2'] });
  await furnishRecognition(database);
  const [first, second] = await regenerated.nextStale('model-12', 0, 2);
  await regenerated.putRegenerated('model-12', [{ seq: first?.seq as number, vector: testVector(1, 12) }]);
  await regenerated.putRegenerated('model-12', [{ seq: second?.seq as number, vector: testVector(1, 7) }]);
}

export const photo = (
  duplicates: JobPhoto['duplicates'],
  ...faces: JobPhoto['faces'][number][]
): JobPhoto => ({
  ...{ faces, shortfalls: [], duplicates },
});
export const hashed = (seed: number, galleries: readonly string[] = ['default']): JobPhoto['faces'][number] =>
  prepared(seed, { photoHash: 'hash', galleries });
const aborted = AbortSignal.abort();
export const never: AbortSignal = new AbortController().signal;
const inFive = { modelId: 'model-5', vector: testVector(9, 5) };

/** What fails, and how. */
export const failing: readonly (readonly [
  what: string,
  call: (opened: Opened) => Promise<unknown>,
  code: string,
])[] = [
  ['an id that is taken', ({ database }) => database.addFaces([prepared(9), prepared(1)]), 'FACE_EXISTS'],
  ['an id twice', ({ database }) => database.addFaces([prepared(9), prepared(9)]), 'FACE_EXISTS'],
  [
    'a gallery that is not there',
    ({ database }) => database.addFaces([prepared(8), prepared(9, { galleries: ['default', 'nowhere'] })]),
    'GALLERY_NOT_FOUND',
  ],
  [
    'a gallery that is full',
    ({ database }) => database.addFaces([prepared(8), prepared(9, { galleries: ['default', 'small'] })]),
    'GALLERY_FULL',
  ],
  [
    'another model',
    ({ database }) => database.addFaces([prepared(8), prepared(9, inFive)]),
    'MODEL_MISMATCH',
  ],
  [
    'two models',
    ({ database }) =>
      database.addFaces([
        prepared(8, { galleries: ['other'], ...inFive }),
        prepared(9, { galleries: ['other'] }),
      ]),
    'MODEL_MISMATCH',
  ],
  [
    'another dimension',
    ({ database }) => database.addFaces([prepared(8), prepared(9, { vector: testVector(9, 7) })]),
    'BAD_PARAM',
  ],
  ['enrolling aborted', ({ database }) => database.addFaces([prepared(9)], aborted), 'ABORTED'],
  ['a gallery twice', ({ database }) => database.createGallery('small', 5), 'GALLERY_EXISTS'],
  ['the default gallery', ({ database }) => database.deleteGallery('default'), 'BAD_PARAM'],
  ['no gallery to describe', ({ database }) => database.describeGallery('nowhere'), 'GALLERY_NOT_FOUND'],
  ['no gallery to delete', ({ database }) => database.deleteGallery('nowhere'), 'GALLERY_NOT_FOUND'],
  [
    'deleting a gallery aborted',
    ({ database }) => database.deleteGallery('small', { signal: aborted }),
    'ABORTED',
  ],
  ['deleting aborted', ({ database }) => database.deleteFaces('default', ['face-1'], aborted), 'ABORTED'],
  [
    'changing aborted',
    ({ database }) => database.updateFaces('default', ['face-1'], { meta: 'b' }, aborted),
    'ABORTED',
  ],
  [
    'no face to delete',
    ({ database }) => database.deleteFaces('default', ['face-1', 'face-4']),
    'FACE_NOT_FOUND',
  ],
  [
    'no gallery to delete from',
    ({ database }) => database.deleteFaces('nowhere', ['face-1']),
    'GALLERY_NOT_FOUND',
  ],
  [
    'no face to change',
    ({ database }) => database.updateFaces('default', ['face-1', 'face-4'], { meta: 'x' }),
    'FACE_NOT_FOUND',
  ],
  [
    'no gallery to change in',
    ({ database }) => database.updateFaces('nowhere', ['face-1'], {}),
    'GALLERY_NOT_FOUND',
  ],
  [
    'a change into a gallery that is full',
    ({ database }) =>
      database.updateFaces('default', ['face-1', 'face-3'], { meta: 'x', galleries: { add: ['small'] } }),
    'GALLERY_FULL',
  ],
  [
    'a change into a gallery of another model',
    ({ database }) =>
      database.updateFaces('default', ['face-1', 'face-3'], { galleries: { add: ['other'] } }),
    'MODEL_MISMATCH',
  ],
  [
    'a change into a gallery that is not there',
    ({ database }) =>
      database.updateFaces('default', ['face-1', 'face-3'], { galleries: { set: ['default', 'nowhere'] } }),
    'GALLERY_NOT_FOUND',
  ],
  [
    'a change into no gallery',
    ({ database }) =>
      database.updateFaces('default', ['face-1', 'face-3'], { galleries: { remove: ['default'] } }),
    'BAD_PARAM',
  ],
  ...failingFaces,
  ['no job', ({ database }) => database.jobs.addJobItems('nobody', []), 'BAD_PARAM'],
  [
    'a job of no gallery',
    ({ database }) => database.jobs.createJob('next', 'nowhere', {}),
    'GALLERY_NOT_FOUND',
  ],
  ['a job twice', ({ database }) => database.jobs.createJob('job', 'default', {}), 'BAD_PARAM'],
  [
    'a job whose photos are not all there',
    ({ database }) => database.jobs.stepJob('new', 'start'),
    'BAD_PARAM',
  ],
  [
    'no photo',
    ({ database }) => database.jobs.settleJobItem('job', 2, { status: 'failed', ids: [] }),
    'BAD_PARAM',
  ],
  [
    'no photo to enrol',
    ({ database }) => database.jobs.enrolJobItem('job', 2, photo('add', prepared(9))),
    'BAD_PARAM',
  ],
  ...failingRecognitions,
  ['no job to delete', ({ database }) => database.jobs.deleteJob('nobody'), 'BAD_PARAM'],
  ['no job to try again', ({ database }) => database.jobs.retryJob('nobody'), 'BAD_PARAM'],
  [
    'replacing by an id that is taken',
    ({ database }) => database.jobs.enrolJobItem('job', 0, photo('replace', hashed(9), hashed(2))),
    'FACE_EXISTS',
  ],
  [
    'replacing in a gallery that is full',
    ({ database }) =>
      database.jobs.enrolJobItem('job', 0, photo('replace', hashed(9), hashed(8, ['default', 'small']))),
    'GALLERY_FULL',
  ],
  [
    'faces without new embeddings',
    ({ database }) => database.regenerated.swapRegenerated('model-12', 'keep'),
    'BAD_PARAM',
  ],
  [
    'new embeddings of two dimensions',
    ({ database }) => database.regenerated.swapRegenerated('model-12', 'delete'),
    'BAD_PARAM',
  ],
  [
    'a new embedding of another dimension than its model has',
    async ({ database }) => {
      const [stale] = await database.regenerated.nextStale('model-5', 0, 1);
      const seq = stale?.seq as number;
      const made = [testVector(1, 5), testVector(1, 7)].map((vector) => ({ seq, vector }));
      await database.regenerated.putRegenerated('model-5', made);
    },
    'BAD_PARAM',
  ],
  [
    'new embeddings aborted',
    ({ database }) => database.regenerated.swapRegenerated('model-12', 'delete', aborted),
    'ABORTED',
  ],
  [
    'an import that throws',
    ({ database }) =>
      database.importInto(
        'default',
        async (into) => {
          await into.store([prepared(8), prepared(9)]);
          throw new NearFaceError('BAD_PARAM', 'The file is damaged');
        },
        never,
      ),
    'BAD_PARAM',
  ],
  [
    'an import of an id that is taken',
    ({ database }) =>
      database.importInto(
        'default',
        async (into) => {
          await into.store([prepared(8)]);
          await into.store([prepared(9), prepared(1)]);
        },
        never,
      ),
    'FACE_EXISTS',
  ],
  [
    'an import of more than a gallery takes',
    ({ database }) =>
      database.importInto(
        'small',
        async (into) => {
          await database.deleteFaces('small', ['face-2']);
          await database.updateFaces('default', ['face-2'], { galleries: { add: ['small'] } });
          await into.store([prepared(8, { galleries: ['small'] })]);
        },
        never,
      ),
    'GALLERY_FULL',
  ],
  [
    'an import of another model',
    ({ database }) => database.importInto('default', (into) => into.store([prepared(8, inFive)]), never),
    'MODEL_MISMATCH',
  ],
  [
    'an import of two models',
    ({ database }) =>
      database.importInto('default', (into) => into.store([prepared(8), prepared(9, inFive)]), never),
    'MODEL_MISMATCH',
  ],
  [
    'an import into no gallery',
    ({ database }) => database.importInto('nowhere', (into) => into.store([prepared(8)]), never),
    'GALLERY_NOT_FOUND',
  ],
  ['an import aborted', ({ database }) => importAborted(database), 'ABORTED'],
];

async function importAborted(database: Opened['database']): Promise<void> {
  const stop = new AbortController();
  await database.importInto(
    'default',
    async (into) => {
      await into.store([prepared(8), prepared(9)]);
      stop.abort();
      await into.store([prepared(10)]);
    },
    stop.signal,
  );
}
