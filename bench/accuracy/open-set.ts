/** Open-set identification: people who are enrolled, and strangers who are not, looked up by single faces and by templates. */
import { personTemplate } from '../../src/core/person-template.ts';
import { groupBy } from '../../src/gallery/group-by.ts';
import { xorshift32 } from '../../src/search/xorshift.ts';

/** A photo's face. */
export interface OpenSetFace {
  readonly person: string;
  readonly embedding: Float32Array;
  readonly reliability: number;
}

type ConfidenceOf = (cosine: number, a: number, b: number) => number;

/** How somebody is looked up. */
export type LookUp = 'single faces' | 'template';

/** False non-identifications at one rate of false positive ones, the mean over all rounds. */
export interface OpenSetRates {
  readonly by: LookUp;
  /** Share of photos of enrolled people that do not find them first, above the level. */
  readonly fnir: number;
  /** Of each round. */
  readonly rounds: readonly number[];
  /** The confidence at which the share of strangers who find anybody is the one asked for. */
  readonly confidence: number;
  /** Share of strangers who find anybody at the library's own level, `{ fpir }`. */
  readonly fpirAtOwnLevel: number;
}

/** What an open-set benchmark is made with. */
export interface OpenSetOptions {
  /** `confidence` of a cosine of faces of two reliabilities. */
  readonly confidenceOf: ConfidenceOf;
  /** The confidence that `{ fpir }` asks for in a gallery of so many. */
  readonly levelFor: (size: number) => number;
  readonly fpir: number;
  readonly rounds: number;
}

/** Somebody enrolled, as compared with. */
interface Enrolled {
  readonly person: string;
  readonly parts: readonly { readonly vector: Float32Array; readonly reliability: number }[];
}

/** No match at any level has a lower cosine. */
const UNLIKE = 0.2;

const SEED = 20260101;

/** Photos that a person must have to take part. */
export const LEAST_PHOTOS = 3;

/**
 * People with at least {@link LEAST_PHOTOS} photos, shuffled anew for every round: one half is enrolled, with all photos but the one
 * that is looked up, the other half are strangers. Every photo of both is looked up.
 */
export function measureOpenSet(
  faces: readonly OpenSetFace[],
  options: OpenSetOptions,
): readonly OpenSetRates[] {
  const people = [...groupBy(faces, ({ person }) => person)]
    .filter(([, photos]) => photos.length >= LEAST_PHOTOS)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return (['single faces', 'template'] as const).map((by) => {
    const next = xorshift32(SEED);
    const rounds = Array.from({ length: options.rounds }, () => {
      const order = shuffled(people, next);
      const half = order.length >> 1;
      return measureRound(order.slice(0, half), order.slice(half), by, options);
    });
    const mean = (of: (round: Round) => number): number =>
      rounds.reduce((sum, round) => sum + of(round), 0) / rounds.length;
    return {
      by,
      fnir: mean(({ fnir }) => fnir),
      rounds: rounds.map(({ fnir }) => fnir),
      confidence: mean(({ confidence }) => confidence),
      fpirAtOwnLevel: mean(({ fpirAtOwnLevel }) => fpirAtOwnLevel),
    };
  });
}

type Round = Pick<OpenSetRates, 'fnir' | 'confidence' | 'fpirAtOwnLevel'>;
type Person = readonly [person: string, photos: readonly OpenSetFace[]];

function measureRound(
  known: readonly Person[],
  strangers: readonly Person[],
  by: LookUp,
  { confidenceOf, levelFor, fpir }: OpenSetOptions,
): Round {
  const gallery = known.map(([person, photos]) => enrol(person, photos, by));
  const probes = strangers.flatMap(([, photos]) => photos);
  const highest = probes.map((probe) => surest(probe, gallery, confidenceOf)).sort((a, b) => b - a);
  // So many strangers lie above it.
  const level = highest[Math.floor(fpir * highest.length)]!;
  let [missed, mated] = [0, 0];
  known.forEach(([person, photos], i) => {
    for (const probe of photos) {
      const others = photos.filter((photo) => photo !== probe);
      const found = first(probe, gallery.with(i, enrol(person, others, by)), confidenceOf, level);
      mated++;
      if (found !== person) missed++;
    }
  });
  const size = by === 'template' ? known.length : known.reduce((sum, [, photos]) => sum + photos.length, 0);
  const own = levelFor(size);
  return {
    fnir: missed / mated,
    confidence: level,
    fpirAtOwnLevel: highest.filter((confidence) => confidence >= own).length / highest.length,
  };
}

function enrol(person: string, photos: readonly OpenSetFace[], by: LookUp): Enrolled {
  const singles = photos.map(({ embedding, reliability }) => ({ vector: embedding, reliability }));
  const template = by === 'template' ? personTemplate(photos) : undefined;
  return { person, parts: template ? [template] : singles };
}

/** Who is answered first: of all above the level the one of the highest cosine. */
function first(
  { embedding, reliability }: OpenSetFace,
  gallery: readonly Enrolled[],
  confidenceOf: ConfidenceOf,
  level: number,
): string | undefined {
  let found: { readonly person: string; readonly cosine: number } | undefined;
  for (const { person, parts } of gallery)
    for (const part of parts) {
      const cosine = dot(embedding, part.vector);
      if (cosine < UNLIKE || cosine <= (found?.cosine ?? -1)) continue;
      if (confidenceOf(cosine, reliability, part.reliability) > level) found = { person, cosine };
    }
  return found?.person;
}

/** The highest confidence with anybody. */
function surest(
  { embedding, reliability }: OpenSetFace,
  gallery: readonly Enrolled[],
  confidenceOf: ConfidenceOf,
): number {
  let highest = 0;
  for (const { parts } of gallery)
    for (const part of parts) {
      const cosine = dot(embedding, part.vector);
      if (cosine < UNLIKE) continue;
      highest = Math.max(highest, confidenceOf(cosine, reliability, part.reliability));
    }
  return highest;
}

function shuffled<T>(list: readonly T[], next: () => number): readonly T[] {
  const order = [...list];
  for (let i = order.length - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
