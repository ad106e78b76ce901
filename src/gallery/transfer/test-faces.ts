/** For tests of the formats: any faces, and streams cut anyhow. */
import fc from 'fast-check';
import type { JsonValue } from '../../core/json-value.ts';
import type { PictureKind } from '../../core/records.ts';
import type { ArchiveFace } from './archive-chunk.ts';

export const MODEL = 'model-a';

/** Without −0, which JSON does not keep. */
function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true }).map((x) => x + 0);
}

const pixels = between(-1e6, 1e6);
const extent = between(0, 1e6);
const years = between(-10, 150);
const share = between(0, 1);
const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,48}$/);
const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

function attribute<T extends string>(...values: T[]) {
  return fc.record({ value: fc.constantFrom(...values), certainty: share });
}

const parts = { leftEyeBrow: share, rightEyeBrow: share, leftEye: share, rightEye: share };
const completeness = fc.record({ total: share, ...parts, nose: share, mouth: share, faceContour: share });

const measured = {
  brightness: between(-1, 1),
  sharpness: share,
  mouthClosed: share,
  centered: share,
  size: share,
  integrity: share,
  completeness,
  alignment: share,
};
const quality = fc.oneof(fc.record(measured), fc.record({ ...measured, eyesOpen: share }));

const emotions = fc.record({
  angry: share,
  happy: share,
  sad: share,
  calm: share,
  surprised: share,
  scared: share,
  disgusted: share,
  sleepy: share,
});

const attributes = fc.record(
  {
    age: fc.record({ value: years, lowerLimit: years, upperLimit: years }),
    gender: attribute('male', 'female'),
    emotions,
    bangs: attribute('without', 'with'),
    facialHair: attribute('without', 'moustache', 'beard', 'sideburns'),
    glasses: attribute('without', 'transparent', 'sunglasses'),
    helmet: attribute('without', 'with'),
    hat: attribute('without', 'with'),
    mask: attribute('without', 'nose_covered', 'mouth_covered', 'fully_covered'),
  },
  { requiredKeys: [] },
);

const record = fc.record(
  {
    id,
    meta: fc.string({ unit: 'binary', maxLength: 100 }),
    galleries: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    modelId: fc.constant(MODEL),
    reliability: fc.integer({ min: 0, max: 255 }).map((byte) => byte / 255),
    reliabilityAssumed: fc.constant(true as const),
    timestamp: fc.integer({ min: 0, max: 4e12 }),
    box: fc.record({ left: pixels, top: pixels, width: extent, height: extent }),
    photoHash: fc.stringMatching(/^[0-9a-f]{64}$/),
    personId: id,
    cameraId: id,
    sourceUrl: fc.constantFrom('https://example.org/a.jpg', 'http://localhost/ü'),
    extra: fc.constantFrom<JsonValue[]>('', 'text', 0.5, true, [], [1, [null]], { a: { b: '𝕊' }, c: [] }),
    expiresAt: fc.integer({ min: 0, max: 4e12 }),
    quality,
    attributes,
  },
  { requiredKeys: ['id', 'meta', 'galleries', 'modelId', 'timestamp', 'reliability'] },
);

const vector = (dimension: number) =>
  fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: dimension, maxLength: dimension })
    .filter((numbers) => Math.hypot(...numbers) > 0.1)
    .map((numbers) => Float32Array.from(numbers, (x) => Math.fround(x / Math.hypot(...numbers)) + 0));

const KINDS: readonly PictureKind[] = ['thumbnail', 'crop', 'photo'];

const pictures = fc.subarray([...KINDS]).chain((kinds) =>
  fc.tuple(
    ...kinds.map((kind) =>
      fc.record({
        kind: fc.constant(kind),
        type: fc.constantFrom('', 'image/jpeg', 'image/webp', 'image/vnd.ms-photo'),
        bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes).buffer),
      }),
    ),
  ),
);

/** Any face with a vector of `dimension` numbers. */
export function anyFace(dimension: number): fc.Arbitrary<ArchiveFace> {
  return fc.record({ facts: record, vector: vector(dimension), pictures }).map(({ facts, ...rest }) => ({
    record: { ...facts, pictures: rest.pictures.map(({ kind }) => kind) },
    ...rest,
  }));
}

/** A small face by number. */
export function smallFace(no: number, dimension = 3): ArchiveFace {
  const vector = new Float32Array(dimension);
  vector[no % dimension] = 1;
  const facts = { id: `f${no}`, meta: `name ${no}`, galleries: ['staff'], modelId: MODEL, timestamp: no };
  const record = { ...facts, reliability: (no % 256) / 255, pictures: [] };
  return { record, vector, pictures: [] };
}

/** As a generator, the way a store gives its faces. */
export async function* each<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items;
}

/** All of them. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** All bytes of a stream. */
export async function bytesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The bytes as a stream of pieces of `size` bytes; `onCancel` hears of its cancelling. */
export function streamOf(
  bytes: Uint8Array<ArrayBuffer>,
  size: number = bytes.length || 1,
  onCancel?: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      },
      cancel: () => onCancel?.(),
    },
    { highWaterMark: 0 },
  );
}
