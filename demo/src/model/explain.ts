import { NearFaceError, type ErrorCode } from 'nearface';

/** A failure in words for the person at the page. */
export interface Explanation {
  readonly title: string;
  /** What happened, with the facts. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice: string;
}

const BY_CODE: Readonly<Partial<Record<ErrorCode, readonly [title: string, advice: string]>>> = {
  IMAGE_DECODING_FAILED: [
    'This file is not a picture that the browser can read',
    'Try a JPEG, PNG or WebP; a photo from an iPhone may need to be exported as JPEG first.',
  ],
  IMAGE_TOO_LARGE: ['The picture is too large', 'Scale it down, or crop it to the faces.'],
  NO_FACE: ['No face was found', 'Try a photo where the face is larger, sharper and less turned away.'],
  TOO_MANY_FACES: ['There are several faces', 'Choose which of them to use, or use a photo of one person.'],
  FACE_TOO_SMALL: ['The face is too small', 'Use a photo taken closer, or with more pixels.'],
  MODEL_LOAD_FAILED: [
    'A model could not be loaded',
    'Check that the folder nearface/ beside this page is complete and that the server is running, then try again.',
  ],
  MODEL_INTEGRITY: [
    'A model file is damaged',
    'It does not match its published checksum and was refused. Copy the folder nearface/ again, then try again.',
  ],
  MODEL_MISMATCH: [
    'This gallery was made with another model',
    'Its faces cannot be compared with the model in use. Convert them on the page Storage, or choose another gallery.',
  ],
  BACKEND_UNAVAILABLE: [
    'The face models cannot run here',
    'Choose the device “Automatic” or “WebAssembly” in the settings, and check that the folder nearface/ is complete.',
  ],
  GALLERY_EXISTS: ['There is a gallery of that name already', 'Choose another name.'],
  GALLERY_NOT_FOUND: [
    'The gallery is gone',
    'It may have been deleted in another tab. Choose another gallery.',
  ],
  GALLERY_FULL: [
    'The gallery is full',
    'Delete faces that are no longer needed, or use a gallery with more room.',
  ],
  TOO_FEW_PEOPLE: [
    'There are too few people to measure anything',
    'Enrol more people, some of them with several photos under one name.',
  ],
  FACE_NOT_FOUND: ['The face is gone', 'It may have been deleted in another tab.'],
  FACE_EXISTS: ['A face with that id exists already', 'Choose another id.'],
  PERSON_NOT_FOUND: ['This person is gone', 'They may have been merged or deleted, here or in another tab.'],
  CAMERA_NOT_FOUND: ['This camera is gone', 'It may have been deleted in another tab. Press Start again.'],
  VIDEO_DECODING_FAILED: [
    'This video cannot be read to its end',
    'What was seen before stays. Try an mp4 (H.264) or webm (VP9) of it.',
  ],
  STORAGE_FULL: [
    'The browser has no room left',
    'Delete faces or galleries on the page People, or free space on the disk.',
  ],
  STORAGE_FAILED: [
    'The browser does not let this page store anything',
    'Private windows and strict privacy settings can forbid it. Allow site data for this page, or use a normal window.',
  ],
  LOCKED: ['The database is encrypted', 'Give the passphrase it was encrypted with.'],
  ABORTED: ['Stopped', 'What was done before stays.'],
  WORKER_DIED: [
    'The worker that runs the models ended',
    'The browser may have run out of memory, or the folder nearface/ is not beside this page. Try again: it starts anew.',
  ],
  DISPOSED: ['The models were being restarted', 'Try again in a moment.'],
};

/** Of a browser or a device without passkeys that unlock. */
const NO_PASSKEYS = ['Passkeys do not work here', 'The passphrase goes on to unlock the faces.'] as const;

/** Of a database that this page had open, and that another has taken away. */
const CLOSED = [
  'Another page has changed the database',
  'It was encrypted or deleted there. Press “Try again” to open it anew.',
] as const;

const BY_DOM_NAME: Readonly<Record<string, readonly [title: string, advice: string]>> = {
  NotAllowedError: [
    'The camera was refused',
    'Allow the camera for this page: use the camera symbol in the address bar, or the site settings, and press Start again.',
  ],
  SecurityError: [
    'The camera is blocked',
    'This page may not use it; open it directly, not inside another page.',
  ],
  NotFoundError: [
    'No camera was found',
    'Connect a camera, or check that it is switched on, and press Start again.',
  ],
  OverconstrainedError: ['That camera is not there any more', 'Choose another camera and press Start again.'],
  NotSupportedError: ['The browser cannot play this file', 'Choose an mp4 (H.264) or webm (VP8, VP9) video.'],
  NotReadableError: [
    'The camera is in use',
    'Another program or tab holds it. Close that, and press Start again.',
  ],
  FaceRejectedError: [
    'The face was not enrolled',
    'Use a photo in which it is larger, sharper, less turned away and not covered.',
  ],
  AbortError: ['The camera stopped', 'Press Start again.'],
};

/** What `error` means and what to do. */
export function explain(error: unknown): Explanation {
  if (error instanceof NearFaceError) {
    const isClosed = error.code === 'STORAGE_FAILED' && error.message.includes('dispose of this NearFace');
    const known = isClosed ? CLOSED : error.details['needs'] === 'passkeys' ? NO_PASSKEYS : undefined;
    const [title, advice] = known ??
      BY_CODE[error.code] ?? ['That did not work', 'Check what you entered, and try again.'];
    return { title, detail: error.message, advice };
  }
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const [title, advice] = BY_DOM_NAME[name] ?? [
    'That did not work',
    'Try again; reload the page if it stays so.',
  ];
  return { title, detail: message, advice };
}

/** A face was too bad to be enrolled; `why` in words. */
export function faceRejected(why: string): Error {
  const error = new Error(`It was left out: ${why}.`);
  error.name = 'FaceRejectedError';
  return error;
}

/** A picture could not be had from a camera because the page is not served securely. */
export function cameraNeedsHttps(): Error {
  const error = new Error('Browsers offer cameras only to pages served over HTTPS or from localhost.');
  error.name = 'SecurityError';
  return error;
}
