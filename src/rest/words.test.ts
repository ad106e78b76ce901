import { expect, test } from 'vitest';
import { badParam, NearFaceError } from '../core/errors.ts';
import { galleryExists, galleryFull, galleryNotFound, modelMismatch } from '../gallery/gallery-errors.ts';
import { alignedFace } from '../pipeline/aligned-crop.ts';
import { chooseFaces } from '../pipeline/choose-faces.ts';
import { decodedFrom, withPyramid } from '../image/decoded-image.ts';
import { undecoded } from '../image/undecoded.ts';
import { problemOf } from './problem.ts';
import { fieldOf, wordsOf } from './words.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const words = (error: unknown): string => problemOf(error, { image: 'photo', boxes: 'bbox' }).message;
const thrown = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail');
};

/** What is written in JavaScript, or names something of the library. */
const JAVASCRIPT = /\w\(|\{ |\bnf\.|NearFace|options\.|\b[a-z]+[A-Z]\w*\b/;

test('an error says over HTTP what is wrong, in the names of the fields, and nothing of JavaScript', () => {
  const image = { width: 100, height: 80, name: 'image' };
  const box = { left: 0, top: 0, width: 20, height: 20 };
  const rules = { faces: 'reject', maxFaces: 9, minFaceSize: 10, required: true } as const;
  const pixels = { width: 4, height: 2, data: new Uint8ClampedArray(32) };
  const browser = { name: 'the browser', reads: 'JPEG', unread: { heic: 'HEIC' }, answer: 'ImageData' };
  const file = { blob: new Blob(['abc']), format: 'heic', firstBytes: new Uint8Array(3) } as const;
  const cases: readonly (readonly [unknown, string])[] = [
    [
      thrown(() => chooseFaces([{ box }, { box }], rules, image)),
      '2 faces are found in photo where one is wanted',
    ],
    [thrown(() => chooseFaces([], rules, image)), 'No face is found in photo'],
    [
      thrown(() => chooseFaces([{ box }], { ...rules, minFaceSize: 32 }, image)),
      'The largest face in photo measures 20 pixels; 32 are needed',
    ],
    [
      thrown(() =>
        chooseFaces([{ box }], { ...rules, faces: { boxes: [box, { ...box, left: 60 }] } }, image),
      ),
      'No face is found at bbox[1]',
    ],
    [
      thrown(() => alignedFace(withPyramid(decodedFrom(pixels, 4, 2), pixelKernel), 'image')),
      'photo must be a square picture, as an aligned crop is, but is "4 × 2 pixels"',
    ],
    [
      undecoded({ ...file, format: undefined }, browser),
      'The picture: the 3 bytes are no picture of a known format',
    ],
    [
      new NearFaceError('IMAGE_TOO_LARGE', 'x', { param: 'image', width: 9, height: 8, maxPixels: 7 }),
      'photo has 9 × 8 pixels; the limit is 7 in all',
    ],
    [galleryNotFound('stuff', ['staff', 'secret']), "There is no gallery 'stuff'"],
    [modelMismatch('staff', 'a', 'b'), "The gallery 'staff' has embeddings of the model 'a', not of 'b'"],
    [badParam('options.boxes[3]', 4, 'a box; give those of detect()'), 'bbox[3] must be a box, but is 4'],
    [new NearFaceError('LOCKED', 'call nf.storage.unlock({ passphrase })'), 'The faces are locked'],
    [
      new NearFaceError('STORAGE_FAILED', 'The database postgres://secret.example/faces failed'),
      'What is stored could not be read or written; call again in a moment',
    ],
  ];
  for (const [error, said] of cases) {
    expect(words(error)).toBe(said);
    expect(said).not.toMatch(JAVASCRIPT);
  }
  expect(words(undecoded(file, browser))).not.toMatch(JAVASCRIPT);
});

test('of an error that was stored there is the message alone', () => {
  const said = ({ code, message }: NearFaceError): string => wordsOf({ code, message, details: {} });
  expect(said(galleryNotFound('stuff', ['staff', 'secret']))).toBe("There is no gallery 'stuff'");
  expect(said(galleryExists('staff'))).toBe("There is a gallery 'staff' already");
  expect(said(galleryFull('staff', 5, 5, 1))).toBe(
    "The gallery 'staff' takes 5 faces and has 5, so a face cannot be added",
  );
  expect(said(badParam('images[2]', 4, 'an image; give a Blob'))).toBe(
    'images[2] must be an image, but is 4',
  );
  const tooSmall = new NearFaceError('FACE_TOO_SMALL', 'The largest face measures 9 pixels; use another');
  expect(said(tooSmall)).toBe('The largest face measures 9 pixels');
});

test('a name of the library is a field’s, also as the beginning of a path', () => {
  const names = { image: 'photo', camera: 'camera', 'camera.group': 'detector' };
  expect(fieldOf('options.image', names)).toBe('photo');
  expect(fieldOf('images', names)).toBe('images');
  expect(fieldOf('camera.group', names)).toBe('detector');
  expect(fieldOf('camera.rot[2]', names)).toBe('camera.rot[2]');
});
