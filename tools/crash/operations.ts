import type { Random } from '../bench/detection/random.ts';
import { type Face, facesIn, GALLERIES, type State } from './model.ts';

/** A call that changes the store, as plain data. Each is to be in the database wholly or not at all. */
export type Operation =
  | { readonly kind: 'add'; readonly faces: readonly NewFace[] }
  /** The faces come in an archive. More than a thousand take several transactions. */
  | { readonly kind: 'import'; readonly gallery: string; readonly faces: readonly NewFace[] }
  | { readonly kind: 'delete'; readonly gallery: string; readonly ids: readonly string[] }
  | {
      readonly kind: 'update';
      readonly gallery: string;
      readonly id: string;
      readonly meta: string;
      readonly galleries: readonly string[];
    }
  | { readonly kind: 'create-gallery'; readonly gallery: string; readonly capacity: number | null }
  | { readonly kind: 'delete-gallery'; readonly gallery: string }
  | { readonly kind: 'erase-all' };

/** A face to add; its vector and its picture follow from the id. */
export interface NewFace extends Face {
  readonly id: string;
}

/** From here on nothing more is added, so that a round stays quick. */
const MANY_FACES = 1500;

/** Up to here faces come in by the hundred, so that there are segments to compact before long. */
const FEW_FACES = 600;

/** From here on a gallery may lose most of its faces in one call, which leaves segments to compact. */
const WORTH_A_MASS_DELETE = 400;

/** Makes up operations that the store must accept; the same ones for the same seed and states. */
export class Operations {
  readonly #random: Random;
  #nextFace = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One that suits what is there. */
  next(state: State): Operation {
    const missing = GALLERIES.filter((name) => !state.galleries.has(name));
    const full = [...state.galleries.keys()].filter((name) => facesIn(state, name).length > 0);
    const large = full.filter((name) => facesIn(state, name).length >= WORTH_A_MASS_DELETE);
    const room = state.faces.size < MANY_FACES;
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
      [large.length > 0 ? 4 : 0, () => this.#deleteMost(state, this.#random.pick(large))],
      [missing.length > 0 ? 8 : 0, () => this.#create(this.#random.pick(missing))],
      [missing.length < 2 ? 1 : 0, () => this.#deleteGallery(state)],
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
    return { kind: 'add', faces: this.#newFaces(this.#galleries(state), count) };
  }

  #import(state: State, count: number): Operation {
    const gallery = this.#random.pick([...state.galleries.keys()]);
    return { kind: 'import', gallery, faces: this.#newFaces([gallery], count) };
  }

  #newFaces(galleries: readonly string[], count: number): readonly NewFace[] {
    return Array.from({ length: count }, () => ({
      id: `face-${this.#nextFace++}`,
      meta: this.#meta(),
      galleries,
      picture: this.#random.next() < 0.3,
    }));
  }

  #delete(state: State, gallery: string, most: number): Operation {
    const left = facesIn(state, gallery).map(([id]) => id);
    const ids: string[] = [];
    while (ids.length < most && left.length > 0) ids.push(...left.splice(this.#random.below(left.length), 1));
    return { kind: 'delete', gallery, ids };
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

  #deleteGallery(state: State): Operation {
    const own = [...state.galleries.keys()].filter((name) => name !== 'default');
    return { kind: 'delete-gallery', gallery: this.#random.pick(own) };
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

/** An operation in a few words, for the log. */
export function describe(operation: Operation): string {
  const some = (ids: readonly string[]): string =>
    ids.length > 4 ? `${ids.slice(0, 2).join(' ')} … ${ids.at(-1)} (${ids.length})` : ids.join(' ');
  switch (operation.kind) {
    case 'add':
      return `add ${some(operation.faces.map(({ id }) => id))} to ${operation.faces[0]?.galleries.join(', ')}`;
    case 'import':
      return `import ${some(operation.faces.map(({ id }) => id))} into ${operation.gallery}`;
    case 'delete':
      return `delete ${some(operation.ids)} from ${operation.gallery}`;
    case 'update':
      return `update ${operation.id}: meta ${operation.meta}, galleries ${operation.galleries.join(', ')}`;
    case 'create-gallery':
    case 'delete-gallery':
      return `${operation.kind} ${operation.gallery}`;
    case 'erase-all':
      return operation.kind;
  }
}
