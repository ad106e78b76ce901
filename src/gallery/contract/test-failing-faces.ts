/** Verbs of single faces, and of galleries with theirs, that fail on the database of `test-failing-verbs.ts`. */
import { testVector } from '../test-vector.ts';
import { type Opened, prepared } from './test-subject.ts';

const aborted = AbortSignal.abort();
const inFive = { modelId: 'model-5', vector: testVector(9, 5) };

/** What fails, and how. */
export const failingFaces: readonly (readonly [
  what: string,
  call: (opened: Opened) => Promise<unknown>,
  code: string,
])[] = [
  ['nobody to read', ({ database }) => database.readFace(null, 'face-9'), 'FACE_NOT_FOUND'],
  [
    'nobody to change',
    ({ database }) => database.updateFaces(null, ['face-1', 'face-9'], { meta: 'x' }),
    'FACE_NOT_FOUND',
  ],
  ['nobody to delete', ({ database }) => database.deleteFaces(null, ['face-4', 'face-9']), 'FACE_NOT_FOUND'],
  [
    'deleting a gallery with its faces aborted',
    ({ database }) => database.deleteGallery('small', { withFaces: true, signal: aborted }),
    'ABORTED',
  ],
  [
    'no gallery to delete with its faces',
    ({ database }) => database.deleteGallery('nowhere', { withFaces: true }),
    'GALLERY_NOT_FOUND',
  ],
  [
    'the default gallery with its faces',
    ({ database }) => database.deleteGallery('default', { withFaces: true }),
    'BAD_PARAM',
  ],
  [
    'no gallery to call something',
    ({ database }) => database.updateGallery('nowhere', { label: 'x' }),
    'GALLERY_NOT_FOUND',
  ],
  [
    'no face for another photo',
    ({ database }) => database.replaceFace('default', 'face-4', prepared(9)),
    'FACE_NOT_FOUND',
  ],
  [
    'nobody for another photo',
    ({ database }) => database.replaceFace(null, 'face-9', prepared(9)),
    'FACE_NOT_FOUND',
  ],
  [
    'another photo of another model',
    ({ database }) => database.replaceFace('default', 'face-1', prepared(9, inFive)),
    'MODEL_MISMATCH',
  ],
  [
    'another photo of another dimension',
    ({ database }) => database.replaceFace('default', 'face-1', prepared(9, { vector: testVector(9, 7) })),
    'BAD_PARAM',
  ],
  [
    'another photo aborted',
    ({ database }) => database.replaceFace('default', 'face-1', prepared(9), aborted),
    'ABORTED',
  ],
];
