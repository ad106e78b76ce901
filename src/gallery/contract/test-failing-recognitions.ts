/** Verbs of jobs that recognise that fail. */
import type { GalleryDatabase } from '../port.ts';
import { type Opened, prepared } from './test-subject.ts';

const NOTHING = { galleries: ['default'], options: {}, sources: [] };
const SEEN = { source: 0, framesDone: 9, workedMs: 1, appearances: [], checkpoint: Uint8Array.of(9) };

/** A job that recognises, under way. */
export async function furnishRecognition({ jobs }: GalleryDatabase): Promise<void> {
  const { recognitions } = jobs;
  await recognitions.createRecognition('seen', {
    ...{ galleries: ['default'], options: {} },
    sources: [{ name: 'a.mp4', mediaType: 'video', type: 'video/mp4' }],
  });
  await recognitions.addSourcePiece('seen', 0, Uint8Array.of(1, 2, 3));
  await jobs.stepJob('seen', 'staged');
  await jobs.stepJob('seen', 'start');
}

/** What fails, and how. */
export const failingRecognitions: readonly (readonly [
  what: string,
  call: (opened: Opened) => Promise<unknown>,
  code: string,
])[] = [
  [
    'a recognition of no gallery',
    ({ database }) =>
      database.jobs.recognitions.createRecognition('next', { ...NOTHING, galleries: ['default', 'nowhere'] }),
    'GALLERY_NOT_FOUND',
  ],
  [
    'a recognition of an id that is taken',
    ({ database }) => database.jobs.recognitions.createRecognition('job', NOTHING),
    'BAD_PARAM',
  ],
  [
    'a piece of a source whose bytes are all there',
    ({ database }) => database.jobs.recognitions.addSourcePiece('seen', 0, Uint8Array.of(1)),
    'BAD_PARAM',
  ],
  [
    'what was seen in no source',
    ({ database }) => database.jobs.recognitions.saveRecognition('seen', { ...SEEN, source: 1 }),
    'BAD_PARAM',
  ],
  [
    'what was seen by a job that enrols',
    ({ database }) => database.jobs.recognitions.saveRecognition('job', SEEN),
    'BAD_PARAM',
  ],
  ['photos for a recognition', ({ database }) => database.jobs.addJobItems('seen', []), 'BAD_PARAM'],
  [
    'a photo of a recognition',
    ({ database }) =>
      database.jobs.enrolJobItem('seen', 0, { faces: [prepared(9)], shortfalls: [], duplicates: 'add' }),
    'BAD_PARAM',
  ],
];
