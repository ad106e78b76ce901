import type { Random } from '../random.ts';
import { nextModel } from './faces.ts';
import { facesIn, GALLERIES, type Job, type State } from './model.ts';
import type { NewFace, Operation } from './operation.ts';

/** From here on nothing more is added, so that a round stays quick. */
const MANY_FACES = 1500;

/** Up to here faces come in by the hundred, so that there are segments to compact before long. */
const FEW_FACES = 600;

/** From here on a gallery may lose most of its faces in one call, which leaves segments to compact. */
const WORTH_A_MASS_DELETE = 400;

/** Jobs that are there at a time. */
const FEW_JOBS = 2;

/** So many faces make encrypting take longer than making the keys. */
const WORTH_ENCRYPTING = 400;

/** How often another operation is made up where it is not of the kind that is wanted. */
const MANY_TRIES = 100;

/** Makes up operations that the store must accept; the same ones for the same seed and states. */
export class Operations {
  readonly #random: Random;
  readonly #encrypts: boolean;
  readonly #only: Operation['kind'] | undefined;
  #nextPassphrase = 1;
  #nextFace = 1;
  #nextJob = 1;
  #attempts = 0;

  /**
   * @param encrypts - whether the database is encrypted, gets new keys, and is dropped now and then, to be a plain one again
   * @param only - the kind that is to be made whenever it can be
   */
  constructor(random: Random, encrypts: boolean, only?: Operation['kind']) {
    this.#random = random;
    this.#encrypts = encrypts;
    this.#only = only;
  }

  /** One that goes together with any other that does not go alone, see {@link KINDS}. */
  beside(state: State): Operation {
    return { kind: 'add', faces: this.#newFaces(state, ['default'], this.#among(1, 40)) };
  }

  /** One that suits what is there. */
  next(state: State): Operation {
    let made = this.#any(state);
    if (this.#only) for (let i = 0; i < MANY_TRIES && made.kind !== this.#only; i++) made = this.#any(state);
    return made;
  }

  #any(state: State): Operation {
    const missing = GALLERIES.filter((name) => !state.galleries.has(name));
    const full = [...state.galleries.keys()].filter((name) => facesIn(state, name).length > 0);
    const large = full.filter((name) => facesIn(state, name).length >= WORTH_A_MASS_DELETE);
    const room = state.faces.size < MANY_FACES;
    const isRunning = [...state.jobs.values()].some((job) => job.state === 'running');
    const isPlain = this.#encrypts && state.passphrase === null;
    const isSealed = this.#encrypts && state.passphrase !== null;
    const made = this.#weighted([
      [room ? 4 : 0, () => this.#add(state, 1)],
      [room ? 4 : 0, () => this.#add(state, this.#among(5, 60))],
      [room ? 2 : 0, () => this.#add(state, this.#among(60, 300))],
      [state.faces.size < FEW_FACES ? 6 : 0, () => this.#add(state, this.#among(200, 300))],
      [room ? 2 : 0, () => this.#import(state, this.#among(5, 60))],
      [state.faces.size < FEW_FACES ? 3 : 0, () => this.#import(state, this.#among(1001, 1200))],
      [full.length > 0 ? 3 : 0, () => this.#delete(state, this.#random.pick(full), 1)],
      [full.length > 0 ? 2 : 0, () => this.#delete(state, this.#random.pick(full), this.#among(2, 60))],
      [full.length > 0 ? 5 : 0, () => this.#update(state, this.#random.pick(full))],
      [full.length > 0 ? 3 : 0, () => this.#replace(state, this.#random.pick(full))],
      [large.length > 0 ? 4 : 0, () => this.#deleteMost(state, this.#random.pick(large))],
      [missing.length > 0 ? 8 : 0, () => this.#create(this.#random.pick(missing))],
      [missing.length < 2 ? 1 : 0, () => this.#deleteGallery(state)],
      [room ? (isRunning ? 40 : 14) : 0, () => this.#job(state)],
      [state.faces.size > 0 ? 1.5 : 0, () => ({ kind: 'regenerate', model: nextModel(state.model) })],
      [isPlain && state.faces.size >= WORTH_ENCRYPTING ? 20 : 0, () => this.#protect(state)],
      [isSealed ? 6 : 0, () => this.#protect(state)],
      [isSealed ? 3 : 0, () => ({ kind: 'renew' })],
      // Without it there is nothing to encrypt any more.
      [isSealed ? (this.#only === 'encrypt' ? 200 : 4) : 0, () => ({ kind: 'drop' })],
      [0.15, () => ({ kind: 'erase-all' })],
    ]);
    return made();
  }

  #weighted(choices: readonly (readonly [weight: number, make: () => Operation])[]): () => Operation {
    let left = this.#random.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of choices) {
      left -= weight;
      if (left < 0) return make;
    }
    throw new Error('unreachable: the weights add up');
  }

  #add(state: State, count: number): Operation {
    return { kind: 'add', faces: this.#newFaces(state, this.#galleries(state), count) };
  }

  #import(state: State, count: number): Operation {
    const gallery = this.#random.pick([...state.galleries.keys()]);
    return { kind: 'import', gallery, faces: this.#newFaces(state, [gallery], count) };
  }

  #newFaces({ model }: State, galleries: readonly string[], count: number): readonly NewFace[] {
    return Array.from({ length: count }, () => ({
      id: `face-${this.#nextFace++}`,
      meta: this.#meta(),
      galleries,
      picture: this.#random.next() < 0.3,
      model,
    }));
  }

  #delete(state: State, gallery: string, most: number): Operation {
    const left = facesIn(state, gallery).map(([id]) => id);
    const ids: string[] = [];
    while (ids.length < most && left.length > 0) ids.push(...left.splice(this.#random.below(left.length), 1));
    return { kind: 'delete', gallery: this.#random.next() < 0.3 ? null : gallery, ids };
  }

  #replace(state: State, gallery: string): Operation {
    const [id, { picture }] = this.#random.pick(facesIn(state, gallery));
    return { kind: 'replace', id, picture: !picture, model: state.model };
  }

  #deleteMost(state: State, gallery: string): Operation {
    const there = facesIn(state, gallery).map(([id]) => id);
    return { kind: 'delete', gallery, ids: there.filter(() => this.#random.next() < 0.85) };
  }

  #update(state: State, gallery: string): Operation {
    const [id] = this.#random.pick(facesIn(state, gallery));
    return { kind: 'update', gallery, id, meta: this.#meta(), galleries: this.#galleries(state) };
  }

  #create(gallery: string): Operation {
    return { kind: 'create-gallery', gallery, capacity: this.#random.next() < 0.5 ? null : 100_000 };
  }

  /** What brings some job on, or ends it before its time. */
  #job(state: State): Operation {
    const jobs = [...state.jobs].filter(([, { gallery }]) => state.galleries.has(gallery));
    if (jobs.length < FEW_JOBS) {
      const gallery = this.#random.pick([...state.galleries.keys()]);
      return { kind: 'create-job', job: `job-${this.#nextJob++}`, gallery };
    }
    const [job, { incomplete, state: is, gallery, items }] = this.#random.pick(jobs);
    const index = items.findIndex(({ status }) => status === 'waiting');
    const rare = this.#random.next();
    if (is === 'done' || is === 'cancelled') return { kind: 'delete-job', job };
    if (rare < 0.03) return { kind: 'step-job', job, step: 'cancel' };
    if (incomplete)
      return rare < 0.6 && items.length > 0
        ? { kind: 'step-job', job, step: 'staged' }
        : { kind: 'stage', job, photos: this.#photos() };
    if (is === 'paused' || is === 'waiting') return { kind: 'step-job', job, step: 'start' };
    if (index < 0) return { kind: 'step-job', job, step: 'end' };
    if (rare < 0.1) return { kind: 'step-job', job, step: 'pause' };
    const photo = (items[index] as Job['items'][number]).photo;
    return { kind: 'enrol', job, index, photo, faces: this.#facesOf(state, photo, gallery, job, index) };
  }

  /** Few different ones, so that a photo often comes again and its faces are replaced. */
  #photos(): readonly string[] {
    return Array.from({ length: this.#among(1, 8) }, () => `photo-${this.#among(1, 12)}`);
  }

  /** Each attempt makes faces of its own, as the library does: so those enrolled twice can be told. */
  #facesOf({ model }: State, photo: string, gallery: string, job: string, index: number): readonly NewFace[] {
    const attempt = ++this.#attempts;
    return Array.from({ length: this.#among(1, 4) }, (_, i) => ({
      id: `${job}/${index}/${attempt}/${i}`,
      meta: this.#meta(),
      galleries: [gallery],
      picture: this.#random.next() < 0.3,
      model,
      photo,
    }));
  }

  #protect({ passphrase }: State): Operation {
    const next = `passphrase ${this.#nextPassphrase++}`;
    if (passphrase === null) return { kind: 'encrypt', passphrase: next };
    return { kind: 'rekey', passphrase, next, rekey: this.#random.next() < 0.7 };
  }

  #deleteGallery(state: State): Operation {
    const own = [...state.galleries.keys()].filter((name) => name !== 'default');
    return { kind: 'delete-gallery', gallery: this.#random.pick(own), withFaces: this.#random.next() < 0.4 };
  }

  #among(from: number, to: number): number {
    return from + this.#random.below(to - from + 1);
  }

  /** One gallery, or sometimes two. */
  #galleries(state: State): readonly string[] {
    const there = [...state.galleries.keys()];
    const some = [this.#random.pick(there)];
    if (this.#random.next() < 0.2) some.push(this.#random.pick(there));
    return [...new Set(some)];
  }

  #meta(): string {
    return `person ${this.#among(1, 40)}`;
  }
}
