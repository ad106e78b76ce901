import { badParam } from '../../core/errors.ts';
import { string } from '../../core/options.ts';
import { MAX_META_LENGTH } from '../../core/limits.ts';

/** Length of the descriptors of human's default model, faceres. */
const HUMAN_DIMENSION = 1024;

/** Length of the descriptors of face-api's FaceRecognitionNet. */
const FACE_API_DIMENSION = 128;

/** Descriptors that another library stored. */
export interface ForeignFaces {
  readonly source: 'human' | 'face-api';
  readonly dimension: number;
  readonly faces: readonly {
    /** The name or label; `''` where none was stored. */
    readonly meta: string;
    /** As it was stored, which is not of unit length for `human`. */
    readonly vector: Float32Array<ArrayBuffer>;
  }[];
}

/**
 * Recognises descriptors that other libraries store as JSON, by the first entry's shape:
 *
 * - `@vladmandic/human` 3.3 (demo/facematch/faces.json, demo/faceid/indexdb.ts): an array of `{ name, embedding }` or `{ name,
 *   descriptor }` with 1,024 numbers;
 * - `@vladmandic/face-api` 1.7 and face-api.js: `LabeledFaceDescriptors.toJSON()`, which is `{ label, descriptors }` with lists of 128
 *   numbers, alone or in an array, or `FaceMatcher.toJSON()`, which is `{ distanceThreshold, labeledDescriptors }`.
 *
 * `undefined` for anything else, an empty array among it. No model of nearface makes such vectors, so whoever calls
 * refuses them with `MODEL_MISMATCH`, or takes the names alone.
 *
 * @throws NearFaceError `BAD_PARAM` naming the entry, where the first is such a shape and a later one is not
 */
export function readForeign(json: unknown): ForeignFaces | undefined {
  const labelled = isObject(json) && Array.isArray(json.labeledDescriptors) ? json.labeledDescriptors : json;
  const entries: readonly unknown[] = Array.isArray(labelled) ? labelled : [labelled];
  const [first] = entries;
  if (isHuman(first)) {
    const faces = entries.map((entry, i) => humanFace(entry, `[${i}]`));
    return { source: 'human', dimension: HUMAN_DIMENSION, faces };
  }
  if (isFaceApi(first)) {
    const faces = entries.flatMap((entry, i) => faceApiFaces(entry, `[${i}]`));
    return { source: 'face-api', dimension: FACE_API_DIMENSION, faces };
  }
  return undefined;
}

type Face = ForeignFaces['faces'][number];

function isHuman(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const numbers = entry.embedding ?? entry.descriptor;
  return Array.isArray(numbers) && numbers.length === HUMAN_DIMENSION && 'name' in entry;
}

function isFaceApi(entry: unknown): boolean {
  if (!isObject(entry) || typeof entry.label !== 'string' || !Array.isArray(entry.descriptors)) return false;
  const [first] = entry.descriptors as readonly unknown[];
  return first === undefined || (Array.isArray(first) && first.length === FACE_API_DIMENSION);
}

function humanFace(entry: unknown, path: string): Face {
  if (!isObject(entry)) throw badParam(path, entry, 'an object with a name and an embedding');
  const field = entry.embedding === undefined ? 'descriptor' : 'embedding';
  const vector = numbersOf(entry[field], `${path}.${field}`, HUMAN_DIMENSION);
  return { meta: string(MAX_META_LENGTH)(entry.name ?? '', `${path}.name`), vector };
}

function faceApiFaces(entry: unknown, path: string): readonly Face[] {
  if (!isObject(entry) || !Array.isArray(entry.descriptors))
    throw badParam(path, entry, 'an object with a label and descriptors');
  const meta = string(MAX_META_LENGTH)(entry.label, `${path}.label`);
  return entry.descriptors.map((numbers, i) => ({
    meta,
    vector: numbersOf(numbers, `${path}.descriptors[${i}]`, FACE_API_DIMENSION),
  }));
}

function numbersOf(value: unknown, path: string, length: number): Float32Array<ArrayBuffer> {
  if (!Array.isArray(value) || value.length !== length)
    throw badParam(path, value, `an array of ${length} numbers`);
  const numbers: readonly unknown[] = value;
  const vector = Float32Array.from(numbers, (x) => (typeof x === 'number' ? x : NaN));
  const bad = vector.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw badParam(`${path}[${bad}]`, numbers[bad], 'a finite number');
  return vector;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
