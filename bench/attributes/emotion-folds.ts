/**
 * The expression model without each tenth of emotion-dev: the shipped one was fitted on all of it, so that only layers fitted
 * on the other photos can be measured on a photo. Source: model-factory/train/emotions.py.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Head } from '../../model-factory/convert/face-api-reader.ts';
import { halfToFloat } from '../../model-factory/convert/float16.ts';

/** Photos, and the layers that were fitted without them. */
export interface EmotionFold {
  readonly images: readonly string[];
  readonly head: Head;
}

const TRAIN = join('model-factory', 'train');
const LOGITS = 7;
const FEATURES = 256;

/** The folds of emotion-dev, whose photos `images` are all. */
export async function readEmotionFolds(images: readonly string[]): Promise<readonly EmotionFold[]> {
  const { photos, count, folds } = JSON.parse(await readFile(join(TRAIN, 'emotions-folds.json'), 'utf8')) as {
    readonly photos: number;
    readonly count: number;
    /** A digit a photo. */
    readonly folds: string;
  };
  if (photos !== images.length) throw new Error(`the folds are of ${photos} photos, not of ${images.length}`);
  const { shape } = JSON.parse(await readFile(join(TRAIN, 'emotions.json'), 'utf8')) as Head;
  const layers = halves(await readFile(join(TRAIN, 'emotions-folds.weights')));
  const length = layers.length / count;
  const sorted = images.toSorted();
  return Array.from({ length: count }, (_, fold) => {
    const own = layers.slice(fold * length, (fold + 1) * length);
    const biasAt = FEATURES * LOGITS;
    const shapeAt = biasAt + LOGITS;
    return {
      images: sorted.filter((_, i) => folds[i] === String(fold)),
      head: {
        weights: own.slice(0, biasAt),
        bias: own.slice(biasAt, shapeAt),
        shape: { points: shape!.points, weights: own.slice(shapeAt) },
      },
    };
  });
}

function halves(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 2 }, (_, i) => halfToFloat(view.getUint16(2 * i, true)));
}
