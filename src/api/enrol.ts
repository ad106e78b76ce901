import { badParam, NearFaceError, throwIfAborted, type ErrorCode } from '../core/errors.ts';
import type { JsonValue } from '../core/json-value.ts';
import { type Turn, Turns } from '../core/turns.ts';
import type { ImageInput } from './image-input.ts';
import type { AddReport, EnrolOutcome } from './enrol-outcome.ts';
import type { AddManyOptions, AddOptions } from './options.ts';
import { resolveAddMany } from './resolve-gallery-options.ts';

/** One photo to enrol, with what overrides the call's options. */
export interface EnrolItem {
  /** The photo. */
  readonly image: ImageInput;
  /** What the face is called, up to 1,024 characters. Default: none. */
  readonly meta?: string;
  /** Default: a random one. */
  readonly id?: string;
  /** Where the photo came from, as in {@link AddOptions.sourceUrl}. */
  readonly sourceUrl?: string;
  /** Your own data, as in {@link AddOptions.extra}. */
  readonly extra?: JsonValue;
}

/** The answer of {@link Gallery.addMany}. */
export interface AddManyReport {
  /** Photos looked at so far. */
  readonly processed: number;
  /** Photos of which a face was stored. */
  readonly added: number;
  /** Photos whose faces were all below `minQuality`, `minReliability` or `minLiveness`. */
  readonly rejected: number;
  /** Photos that could not be enrolled, for an error. */
  readonly failed: number;
  /** One outcome per photo, in the order of `items`. */
  readonly outcomes: readonly EnrolOutcome[];
}

/** Enrols a photo. What it stores, it stores once `turn` has come, so that faces lie in the order of the photos. */
type Add = (image: ImageInput, options: AddOptions, turn: Promise<void>) => Promise<AddReport>;

/** Errors that would meet every further photo as well, so that the call ends with them. */
export const FATAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ABORTED',
  'DISPOSED',
  'GALLERY_FULL',
  'GALLERY_NOT_FOUND',
  'LOCKED',
  'MODEL_MISMATCH',
  'STORAGE_FULL',
]);

/** What holds of a call where its options do not say otherwise. */
interface ManyRules {
  /** Photos under way at once. */
  readonly atOnce: number;
  /** Errors beside {@link FATAL} that end the call. */
  readonly isFatal?: (error: NearFaceError) => boolean;
}

export async function addMany(
  add: Add,
  items: Iterable<EnrolItem | ImageInput> | AsyncIterable<EnrolItem | ImageInput>,
  raw: AddManyOptions | undefined,
  { atOnce, isFatal = () => false }: ManyRules,
): Promise<AddManyReport> {
  const { concurrency = atOnce, onProgress, ...options } = resolveAddMany(raw);
  const source = iterate(items, 'an iterable of photos, or of { image, meta }');
  const total = lengthOf(items);
  const turns = new Turns();
  const outcomes: EnrolOutcome[] = [];
  let [started, done, ended] = [0, 0, false];

  const work = async (): Promise<void> => {
    while (!ended) {
      throwIfAborted(options.signal);
      const next = await source.next();
      if (next.done) return;
      const index = started++;
      const turn = turns.take();
      const outcome = await enrol(add, next.value, index, { options, isFatal, turn });
      outcomes[index] = outcome;
      onProgress?.({ phase: 'enrol', item: outcome.name, done: ++done, total }, outcome);
    }
  };
  const workers = Array.from({ length: concurrency }, () =>
    work().catch((error: unknown) => {
      ended = true;
      throw error;
    }),
  );
  const failures = (await Promise.allSettled(workers)).filter((result) => result.status === 'rejected');
  if (failures[0]) {
    await source.return?.(undefined);
    const counts = countOf(outcomes.filter(Boolean));
    throw withDone(failures[0].reason, `${counts.added} photos`, counts);
  }
  return { ...countOf(outcomes), outcomes };
}

async function enrol(
  add: Add,
  given: EnrolItem | ImageInput,
  index: number,
  how: { options: AddOptions; isFatal: (error: NearFaceError) => boolean; turn: Turn },
): Promise<EnrolOutcome> {
  const { options, isFatal, turn } = how;
  const item = isItem(given) ? given : { image: given };
  const name = nameOf(item.image, index);
  try {
    const { image, ...own } = item;
    const { records, rejected } = await add(image, { ...options, ...own }, turn.comes);
    if (records.length === 0) return { index, name, status: 'rejected', rejected };
    return { index, name, status: 'added', records, rejected };
  } catch (error) {
    const known = NearFaceError.from(error, 'IMAGE_DECODING_FAILED', `${name} could not be enrolled`);
    if (FATAL.has(known.code) || isFatal(known)) throw known;
    return { index, name, status: 'failed', error: known };
  } finally {
    turn.leave();
  }
}

/** The error with what had been done by then, since that stays done. */
export function withDone(error: unknown, what: string, details: object): NearFaceError {
  const known = NearFaceError.from(error, 'STORAGE_FAILED', 'The enrolment ended');
  const text = `${known.message} (${what} were enrolled before)`;
  return new NearFaceError(known.code, text, { ...known.details, ...details }, known.cause);
}

function countOf(outcomes: readonly EnrolOutcome[]): Omit<AddManyReport, 'outcomes'> {
  const having = (status: EnrolOutcome['status']): number =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const [added, rejected, failed] = [having('added'), having('rejected'), having('failed')];
  return { processed: outcomes.length, added, rejected, failed };
}

/** The items one by one. @throws NearFaceError `BAD_PARAM` if they are no iterable */
export function iterate<T>(
  items: Iterable<T> | AsyncIterable<T>,
  expected: string,
): AsyncIterator<T> | Iterator<T> {
  if (typeof items === 'object' && items !== null) {
    if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
    if (Symbol.iterator in items) return items[Symbol.iterator]();
  }
  throw badParam('items', items, expected);
}

/** How many items there are; 0 if they do not tell. */
export function lengthOf(items: object): number {
  const { length, size } = items as { length?: unknown; size?: unknown };
  const known = length ?? size;
  return typeof known === 'number' ? known : 0;
}

function isItem(given: EnrolItem | ImageInput): given is EnrolItem {
  return typeof given === 'object' && given !== null && 'image' in given;
}

function nameOf(image: ImageInput, index: number): string {
  if (typeof File !== 'undefined' && image instanceof File) return image.name;
  if (typeof image === 'string' && image.length < 200) return image;
  return `item ${index}`;
}
