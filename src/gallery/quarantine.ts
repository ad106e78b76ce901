import type { Damage } from '../core/records.ts';
import type { RowFilter } from '../search/row-facts.ts';
import type { FaceKeys } from './face-keys.ts';

/** Nothing is damaged. A new answer each time, as whoever is told may change it. */
export const noDamage = (): Damage => ({ galleries: 0, faces: 0 });

/** A face that has a record, but no vector that can be read. */
export interface DamagedFace {
  readonly modelId: string;
  /** When it was enrolled, in milliseconds since 1970. */
  readonly timestamp: number;
  /** What it is found by. */
  readonly keys: FaceKeys;
}

/** Faces that can be in no matrix, since their vectors are damaged: they are found here, to be listed, changed and deleted. */
export class Quarantine {
  readonly #faces: Map<number, DamagedFace>;
  #version: object = {};

  constructor(faces: readonly DamagedFace[] = []) {
    this.#faces = new Map(faces.map((face) => [face.keys.seq, face]));
  }

  get size(): number {
    return this.#faces.size;
  }

  /** Another object after each change, by which those who keep a list notice that it is out of date. */
  get version(): object {
    return this.#version;
  }

  has(seq: number): boolean {
    return this.#faces.has(seq);
  }

  [Symbol.iterator](): Iterator<DamagedFace> {
    return this.#faces.values();
  }

  /** How many faces of a model are in it. */
  countOf(modelId: string): number {
    return [...this].filter((face) => face.modelId === modelId).length;
  }

  /** What passes of a gallery (tag), in the order of enrolment. */
  inGallery(gallery: string, filter: RowFilter = {}): readonly FaceKeys[] {
    return [...this]
      .filter(({ keys }) => keys.galleries.includes(gallery))
      .filter((face) => passesFilter(face, filter))
      .map(({ keys }) => keys)
      .sort((a, b) => a.seq - b.seq);
  }

  remove(seq: number): void {
    if (this.#faces.delete(seq)) this.#version = {};
  }

  /** Takes a face, or all, out of a gallery. */
  leave(gallery: string, seq?: number): void {
    for (const { keys } of seq === undefined ? [...this] : [this.#faces.get(seq)].filter((face) => !!face))
      this.change({ ...keys, galleries: keys.galleries.filter((name) => name !== gallery) });
  }

  /** Puts a face into a gallery, if it is here. */
  join(gallery: string, seq: number): void {
    const face = this.#faces.get(seq);
    if (face) this.change({ ...face.keys, galleries: [...face.keys.galleries, gallery] });
  }

  /** Changes what a face is found by, if it is here. */
  change(keys: FaceKeys): void {
    const face = this.#faces.get(keys.seq);
    if (!face) return;
    this.#faces.set(keys.seq, { ...face, keys });
    this.#version = {};
  }
}

function passesFilter(
  { keys, timestamp }: DamagedFace,
  { meta, person, camera, from, until }: RowFilter,
): boolean {
  if (meta !== undefined && keys.meta !== meta) return false;
  if (camera !== undefined && keys.camera !== camera) return false;
  if (person !== undefined && keys.person !== person) return false;
  return timestamp >= (from ?? -Infinity) && timestamp < (until ?? Infinity);
}
