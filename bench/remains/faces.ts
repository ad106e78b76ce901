/** Faces that can be told from anything else on a disk: their names, ids, vectors and pictures are random, and the same every time. */
import { Random } from '../../tools/random.ts';

export const FACES = 300;
const DIMENSION = 192;
const CROP_BYTES = 4096;
/** Large enough to be a file of its own in Chromium. */
const PHOTO_BYTES = 200_000;
/** One face in so many has a photo. */
const PHOTO_EACH = 15;

export interface RemainsFace {
  readonly id: string;
  readonly meta: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly crop: Uint8Array<ArrayBuffer>;
  readonly photo?: Uint8Array<ArrayBuffer>;
}

export function remainsFace(i: number): RemainsFace {
  const random = new Random(1000 + i);
  const next = (): number => random.bits();
  const text = (): string => Array.from({ length: 4 }, () => next().toString(36)).join('');
  const bytes = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, () => next() & 255);
  const raw = Float32Array.from({ length: DIMENSION }, () => next() / 2 ** 31 - 1);
  const norm = Math.hypot(...raw);
  return {
    id: text(),
    meta: text(),
    vector: raw.map((x) => x / norm),
    crop: bytes(CROP_BYTES),
    ...(i % PHOTO_EACH === 0 && { photo: bytes(PHOTO_BYTES) }),
  };
}
