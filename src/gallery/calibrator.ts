import type { Call } from '../core/call.ts';
import { badParam, NearFaceError, throwIfAborted } from '../core/errors.ts';
import { toCosine } from '../core/dot.ts';
import { THRESHOLDS } from '../core/confidence.ts';
import type { Calibration } from '../core/manifest.ts';
import { nextTask } from '../core/next-task.ts';
import type { MeasuredLevel, MeasuredPair, MeasuredPoint, OwnCalibration } from '../core/own-calibration.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type { FaceRecord } from '../core/records.ts';
import { textHash } from '../core/text-hash.ts';
import { scalarDot } from '../search/scalar.ts';
import { TopK } from '../search/top-k.ts';
import { xorshift32 } from '../search/xorshift.ts';
import { namedSingles } from './audit-scan.ts';
import { reliabilityOf, rowVectorsOf } from './matrix-search.ts';
import { clusteredByPair, clusteredByPerson, measuredRate } from './measured-rate.ts';
import type { PersonSearcher, SearchedPeople } from './person-searcher.ts';
import type { GalleryDatabase } from './port.ts';
import { toRecord } from './stored.ts';

/** How a gallery's own scores are measured. */
export interface EngineCalibration {
  readonly modelId: string;
  readonly calibration: Calibration;
  /** Most faces that are compared, all with each other. */
  readonly faces: number;
  readonly seed: number;
  /** The false match rate that the recommended level is to keep. */
  readonly falseMatchRate: number;
  /** Wrong pairs of each kind that are told. */
  readonly pairs: number;
}

/** With fewer people nothing can be said of any level. */
const [LEAST_PEOPLE, LEAST_WITH_SEVERAL] = [10, 5];

/** Most faces of one person that are compared: nobody is to decide alone. */
const FACES_PER_PERSON = 10;

/** Steps of the histogram and of the curve. */
const BINS = 200;

/** How long pairs are compared before the worker looks at its messages. */
const SLICE_MS = 16;

const LEVELS = [
  { name: 'low', confidence: THRESHOLDS.low, promised: 1e-1 },
  { name: 'medium', confidence: THRESHOLDS.medium, promised: 1e-3 },
  { name: 'strict', confidence: THRESHOLDS.strict, promised: 1e-5 },
] as const;

/** A face that is compared. */
interface Sample {
  readonly seq: number;
  /** Place among the people. */
  readonly person: number;
  readonly vector: Float32Array;
  readonly reliability: number;
}

/** What became of a person's pairs. */
interface Tally {
  faces: number;
  genuine: number;
  /** At each of {@link LEVELS}. */
  readonly misses: number[];
  readonly falseMatches: number[];
  /** Its pairs by confidence, as in the histogram: those of its own faces, and those with others. */
  readonly own: Uint32Array;
  readonly others: Uint32Array;
}

/** Measures what the named levels mean among the people of a gallery. */
export class Calibrator {
  readonly #database: GalleryDatabase;
  readonly #people: PersonSearcher;

  constructor(database: GalleryDatabase, people: PersonSearcher) {
    this.#database = database;
    this.#people = people;
  }

  /** @throws NearFaceError `TOO_FEW_PEOPLE`, `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `ABORTED` */
  async calibrate(
    gallery: string,
    request: EngineCalibration,
    { signal, report }: Call,
  ): Promise<OwnCalibration> {
    if (!(request.seed > 0)) throw badParam('seed', request.seed, 'a whole number above 0');
    const people = await this.#people.peopleOf({ modelId: request.modelId, galleries: [gallery] });
    if (!people) throw tooFewPeople(gallery, 0, 0);
    throwIfAborted(signal);
    const samples = await this.#sample(gallery, people, request);
    const count = 1 + Math.max(...samples.map(({ person }) => person));
    const measured = new Measured(count, request);
    for (let i = 0, deadline = performance.now() + SLICE_MS; i < samples.length; i++) {
      measured.compare(samples, i);
      if (performance.now() < deadline && i + 1 < samples.length) continue;
      report?.({ phase: 'calibrate', item: gallery, done: i + 1, total: samples.length });
      await nextTask();
      throwIfAborted(signal);
      deadline = performance.now() + SLICE_MS;
    }
    return this.#answer(samples, measured, request);
  }

  /** People chosen by chance, those with several faces first, and of each some faces. */
  async #sample(
    gallery: string,
    { matrix, index }: SearchedPeople,
    { modelId, faces, seed }: EngineCalibration,
  ): Promise<readonly Sample[]> {
    const next = xorshift32(seed);
    const noMeta = textHash(this.#database.tag(''));
    const alone = Array.from(namedSingles(matrix, index, noMeta), (seq) => [seq]);
    const { members } = index;
    if (members.length + alone.length < LEAST_PEOPLE || members.length < LEAST_WITH_SEVERAL)
      throw tooFewPeople(gallery, members.length + alone.length, members.length);
    // Also of few faces there are people enough.
    const most = Math.max(2, Math.min(FACES_PER_PERSON, Math.floor(faces / LEAST_PEOPLE)));
    const several = members.map((group) => shuffled([...group], next).slice(0, most));
    const chosen: (readonly number[])[] = [];
    let count = 0;
    for (const group of [...shuffled(several, next), ...shuffled(alone, next)]) {
      if (count + group.length > faces) continue;
      chosen.push(group);
      count += group.length;
    }
    // Only their cosines count.
    const vectors = await rowVectorsOf(this.#database, matrix, modelId, chosen.flat());
    return chosen.flatMap((group, person) =>
      group.flatMap((seq): Sample[] => {
        const vector = vectors.get(seq);
        return vector ? [{ seq, person, vector, reliability: reliabilityOf(matrix, seq) }] : [];
      }),
    );
  }

  async #answer(
    samples: readonly Sample[],
    measured: Measured,
    request: EngineCalibration,
  ): Promise<OwnCalibration> {
    const { people, genuine, impostor, likest, unlikest } = measured;
    const levels = LEVELS.map((level, k): MeasuredLevel => ({
      ...level,
      ...ratesOf(
        people,
        ({ falseMatches }) => falseMatches[k] as number,
        ({ misses }) => misses[k] as number,
      ),
    }));
    const keeping = levels.find(({ falseMatch }) => falseMatch.high <= request.falseMatchRate);
    const pairs = [likest, unlikest].map((list) => list.sorted().map(({ seq }) => pairAt(seq, samples)));
    const seqs = [...new Set(pairs.flat(2).map(({ seq }) => seq))];
    const records = new Map((await this.#database.readFaces(seqs)).map((face) => [face.seq, toRecord(face)]));
    const told = pairs.map((list) => list.flatMap((pair) => measured.tell(pair, records)));
    return {
      levels,
      recommended: { name: keeping?.name ?? 'strict', meets: keeping !== undefined },
      faces: samples.length,
      people: people.filter(({ faces }) => faces > 0).length,
      peopleWithSeveral: people.filter((person) => person.genuine > 0).length,
      curve: curveOf(people),
      histogram: { genuine, impostor },
      likestStrangers: told[0] ?? [],
      unlikestOfOne: told[1] ?? [],
    };
  }
}

/** What was seen of pairs. */
class Measured {
  readonly people: readonly Tally[];
  readonly genuine: number[] = Array.from({ length: BINS }, () => 0);
  readonly impostor: number[] = Array.from({ length: BINS }, () => 0);
  /** Pairs of two people by confidence, and those of one by how little of it they have; their numbers are those of {@link pairAt}. */
  readonly likest: TopK;
  readonly unlikest: TopK;
  readonly #confidence: PairConfidence;

  constructor(count: number, { calibration, pairs }: EngineCalibration) {
    this.#confidence = new PairConfidence(calibration);
    this.people = Array.from({ length: count }, () => ({
      ...{ faces: 0, genuine: 0 },
      ...{ misses: LEVELS.map(() => 0), falseMatches: LEVELS.map(() => 0) },
      ...{ own: new Uint32Array(BINS), others: new Uint32Array(BINS) },
    }));
    this.likest = new TopK(pairs, -Infinity);
    this.unlikest = new TopK(pairs, -Infinity);
  }

  /** Compares a sample with all before it. */
  compare(samples: readonly Sample[], i: number): void {
    const a = samples[i] as Sample;
    const own = this.people[a.person] as Tally;
    own.faces++;
    for (let j = 0; j < i; j++) {
      const b = samples[j] as Sample;
      const confidence = this.#of(a, b);
      const bin = binOf(confidence);
      const number = i * samples.length + j;
      if (a.person === b.person) {
        own.genuine++;
        own.own[bin]!++;
        this.genuine[bin]!++;
        LEVELS.forEach((level, k) => {
          if (confidence < level.confidence) own.misses[k]!++;
        });
        this.unlikest.push(number, -confidence);
        continue;
      }
      this.impostor[bin]!++;
      this.likest.push(number, confidence);
      const other = this.people[b.person] as Tally;
      own.others[bin]!++;
      other.others[bin]!++;
      if (confidence < LEVELS[0].confidence) continue;
      LEVELS.forEach((level, k) => {
        if (confidence < level.confidence) return;
        own.falseMatches[k]!++;
        other.falseMatches[k]!++;
      });
    }
  }

  tell([a, b]: readonly [Sample, Sample], records: ReadonlyMap<number, FaceRecord>): readonly MeasuredPair[] {
    const [first, second] = [records.get(a.seq), records.get(b.seq)];
    if (!first || !second) return [];
    return [{ a: first, b: second, cosine: cosineOf(a, b), confidence: this.#of(a, b) }];
  }

  #of(a: Sample, b: Sample): number {
    return this.#confidence.confidence(cosineOf(a, b), a.reliability, b.reliability);
  }
}

/** The step of a confidence: the last that it is not below, to the last bit. */
function binOf(confidence: number): number {
  const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
  if (confidence < bin / BINS) return bin - 1;
  return bin + 1 < BINS && confidence >= (bin + 1) / BINS ? bin + 1 : bin;
}

/** The rates at a threshold. @param falseMatches, misses - of somebody's pairs, there */
function ratesOf(
  people: readonly Tally[],
  falseMatches: (person: Tally) => number,
  misses: (person: Tally) => number,
): Omit<MeasuredPoint, 'confidence'> {
  const strangers = people.map((person) => ({ faces: person.faces, errors: falseMatches(person) }));
  const own = people
    .filter(({ genuine }) => genuine > 0)
    .map((person) => ({ pairs: person.genuine, errors: misses(person) }));
  return {
    falseMatch: measuredRate(clusteredByPair(strangers)),
    falseNonMatch: measuredRate(clusteredByPerson(own)),
  };
}

/** The rates at each step. */
function curveOf(people: readonly Tally[]): readonly MeasuredPoint[] {
  const reached = new Map(people.map((person) => [person, { others: sumOf(person.others), missed: 0 }]));
  return Array.from({ length: BINS }, (_, bin) => {
    const rates = ratesOf(
      people,
      (person) => reached.get(person)?.others ?? 0,
      (person) => reached.get(person)?.missed ?? 0,
    );
    for (const [person, now] of reached) {
      now.others -= person.others[bin] as number;
      now.missed += person.own[bin] as number;
    }
    return { confidence: bin / BINS, ...rates };
  });
}

function sumOf(bins: Uint32Array): number {
  return bins.reduce((sum, pairs) => sum + pairs, 0);
}

/** The pair of a number, the face that was enrolled first first. */
function pairAt(number: number, samples: readonly Sample[]): readonly [Sample, Sample] {
  const [i, j] = [Math.floor(number / samples.length), number % samples.length];
  const [a, b] = [samples[j] as Sample, samples[i] as Sample];
  return a.seq < b.seq ? [a, b] : [b, a];
}

function cosineOf({ vector: a }: Sample, { vector: b }: Sample): number {
  return toCosine(scalarDot(a, b));
}

/** A list in an order by chance (Fisher–Yates). */
function shuffled<T>(list: readonly T[], next: () => number): readonly T[] {
  const order = [...list];
  for (let i = order.length - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

function tooFewPeople(gallery: string, people: number, peopleWithSeveral: number): NearFaceError {
  return new NearFaceError(
    'TOO_FEW_PEOPLE',
    `The gallery '${gallery}' has ${people} people, ${peopleWithSeveral} of them with several faces, of which nothing can be measured; ` +
      `${LEAST_PEOPLE} are needed, ${LEAST_WITH_SEVERAL} of them with two faces or more: enrol more photos, and give each a meta or a person`,
    { gallery, people, peopleWithSeveral, needed: LEAST_PEOPLE, neededWithSeveral: LEAST_WITH_SEVERAL },
  );
}
