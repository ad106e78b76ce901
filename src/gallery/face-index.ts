import { shortHash, textHash } from '../core/text-hash.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import type { RowFilter } from '../search/row-facts.ts';
import type { FaceLookup, MetaFaces, PersonFaces } from './port.ts';
import type { Quarantine } from './quarantine.ts';

interface Ordered {
  readonly gallery: string;
  /** Of all matrices. */
  readonly versions: readonly object[];
  readonly seqs: Float64Array;
}

/**
 * Finds the numbers of faces by what is in memory of each. Texts are compared by hashes of their tags: whoever must be
 * sure looks at the records of what is found.
 */
export class FaceIndex implements FaceLookup {
  readonly #unreadable = new Set<number>();
  readonly #matrices: () => Iterable<SearchMatrix>;
  readonly #quarantine: () => Quarantine;
  /** What was last asked for of a whole gallery, for the next page of it. */
  #ordered: Ordered | undefined;

  constructor(matrices: () => Iterable<SearchMatrix>, quarantine: () => Quarantine) {
    this.#matrices = matrices;
    this.#quarantine = quarantine;
  }

  /** Faces whose vectors are damaged. */
  get damaged(): Quarantine {
    return this.#quarantine();
  }

  /** How many faces have vectors. */
  get vectored(): number {
    return Array.from(this.#matrices(), ({ size }) => size).reduce((sum, size) => sum + size, 0);
  }

  /** How many faces are known that have vectors, but no records that can be read: it is noticed when one is to be. */
  get unreadable(): number {
    for (const seq of this.#unreadable) if (!this.#hasVector(seq)) this.#unreadable.delete(seq);
    return this.#unreadable.size;
  }

  /** Notes that there is no record of a face that can be read; nothing if it has no vector either. */
  noteUnreadable(seq: number): void {
    if (this.#hasVector(seq)) this.#unreadable.add(seq);
  }

  #hasVector(seq: number): boolean {
    return [...this.#matrices()].some((matrix) => matrix.has(seq));
  }

  /** Faces that may have one of these ids. */
  withIds(tags: readonly string[]): readonly number[] {
    return this.#find('ids', new Set(tags.map(shortHash)));
  }

  /** Faces that may be of this photo. */
  withPhoto(tag: string): readonly number[] {
    return this.#find('photos', new Set([shortHash(tag)]));
  }

  /** Faces that may be of some people, or of any, enrolled in a time, in the order of their enrolment. */
  ofPeople(tags?: readonly string[], from: number = -Infinity, until: number = Infinity): Float64Array {
    const wanted = tags && new Set(tags.map(textHash));
    const seqs: number[] = [];
    for (const { person, seq, time } of this.#assigned())
      if ((!wanted || wanted.has(person)) && time >= from && time < until) seqs.push(seq);
    return Float64Array.from(seqs).sort();
  }

  /** What each person has, or one of them, of the faces that are wanted. */
  persons(isWanted: (seq: number) => boolean, tag?: string): ReadonlyMap<number, PersonFaces> {
    const wanted = tag === undefined ? undefined : textHash(tag);
    const found = new Map<number, { count: number; seq: number; first: number; last: number }>();
    for (const { person, seq, time } of this.#assigned()) {
      if ((wanted !== undefined && person !== wanted) || !isWanted(seq)) continue;
      const known = found.get(person);
      if (!known) found.set(person, { count: 1, seq, first: time, last: time });
      else {
        known.count++;
        known.seq = Math.min(known.seq, seq);
        known.first = Math.min(known.first, time);
        known.last = Math.max(known.last, time);
      }
    }
    return found;
  }

  /** All faces that are of somebody. */
  *#assigned(): Iterable<{ readonly person: number; readonly seq: number; readonly time: number }> {
    for (const matrix of this.#matrices()) {
      const { persons, times } = matrix.facts;
      for (let row = 0; row < matrix.rowCount; row++) {
        const person = persons.at(row);
        if (person !== 0) yield { person, seq: matrix.seqAt(row), time: times.at(row) };
      }
    }
    for (const { keys, timestamp } of this.damaged)
      if (keys.person !== 0) yield { person: keys.person, seq: keys.seq, time: timestamp };
  }

  /** Faces in a gallery that may pass the filter, in the order of their enrolment. */
  inGallery(gallery: string, filter: RowFilter = {}): Float64Array {
    if (Object.keys(filter).length > 0) return this.#collect(gallery, filter);
    const versions = [...Array.from(this.#matrices(), ({ version }) => version), this.damaged.version];
    const last = this.#ordered;
    const holds =
      last?.gallery === gallery &&
      last.versions.length === versions.length &&
      versions.every((version, i) => version === last.versions[i]);
    const ordered = holds ? last : { gallery, versions, seqs: this.#collect(gallery, {}) };
    this.#ordered = ordered;
    return ordered.seqs;
  }

  /** The metas of a gallery: how many faces share each, and the first of them. */
  metasOf(gallery: string): readonly MetaFaces[] {
    const metas = new Map<number, { seq: number; count: number }>();
    for (const matrix of this.#matrices()) {
      const rows = matrix.select([gallery]);
      for (let row = 0; row < matrix.rowCount; row++) {
        if (!rows.has(row)) continue;
        const [meta, seq] = [matrix.facts.metas.at(row), matrix.seqAt(row)];
        const known = metas.get(meta);
        if (!known) metas.set(meta, { seq, count: 1 });
        else {
          known.count++;
          known.seq = Math.min(known.seq, seq);
        }
      }
    }
    for (const { meta, seq } of this.damaged.inGallery(gallery)) {
      const { count = 0, seq: first = seq } = metas.get(meta) ?? {};
      metas.set(meta, { seq: Math.min(first, seq), count: count + 1 });
    }
    return Array.from(metas, ([hash, faces]) => ({ hash, ...faces }));
  }

  /** No face is gone by itself before this, in milliseconds since 1970; {@link expired} finds out anew when the next one is. */
  get nextExpiry(): number {
    let time = Infinity;
    for (const { facts } of this.#matrices()) time = Math.min(time, facts.soonestExpiry);
    for (const { keys } of this.damaged) time = Math.min(time, keys.expires || Infinity);
    return time;
  }

  /** Faces whose time is over at `now`. */
  expired(now: number): readonly number[] {
    const seqs: number[] = [];
    for (const matrix of this.#matrices()) {
      const { facts, rowCount } = matrix;
      if (facts.soonestExpiry > now) continue;
      facts.soonestExpiry = Infinity;
      for (let row = 0; row < rowCount; row++) {
        const expires = facts.expiries.at(row) || Infinity;
        facts.soonestExpiry = Math.min(facts.soonestExpiry, expires);
        if (expires <= now) seqs.push(matrix.seqAt(row));
      }
    }
    for (const { keys } of this.damaged) if ((keys.expires || Infinity) <= now) seqs.push(keys.seq);
    return seqs;
  }

  /** Faces of which it is not known yet which camera saw them. */
  ofUnknownCameras(): readonly number[] {
    const seqs: number[] = [];
    for (const matrix of this.#matrices()) {
      const { cameras } = matrix.facts;
      for (let row = 0, end = Math.min(matrix.rowCount, cameras.length); row < end; row++)
        if (Number.isNaN(cameras.at(row))) seqs.push(matrix.seqAt(row));
    }
    return seqs;
  }

  #find(column: 'ids' | 'photos', wanted: ReadonlySet<number>): readonly number[] {
    const seqs: number[] = [];
    for (const matrix of this.#matrices())
      matrix.facts[column].find(matrix.rowCount, wanted, (row) => void seqs.push(matrix.seqAt(row)));
    for (const { keys } of this.damaged)
      if (wanted.has(column === 'ids' ? keys.id : keys.photo)) seqs.push(keys.seq);
    return seqs.filter((seq) => seq > 0);
  }

  #collect(gallery: string, filter: RowFilter): Float64Array {
    const found: Float64Array[] = [];
    // Deleted faces leave rows that others move into; without them the rows are in order already.
    let last = 0;
    let inOrder = true;
    for (const matrix of this.#matrices()) {
      const rows = matrix.select([gallery], filter);
      const seqs = new Float64Array(rows.size);
      for (let row = 0, n = 0; n < seqs.length; row++) {
        if (!rows.has(row)) continue;
        const seq = matrix.seqAt(row);
        inOrder &&= seq > last;
        last = seq;
        seqs[n++] = seq;
      }
      if (seqs.length > 0) found.push(seqs);
    }
    const damaged = Float64Array.from(this.damaged.inGallery(gallery, filter), ({ seq }) => seq);
    if (damaged.length > 0) {
      found.push(damaged);
      inOrder = false;
    }
    const seqs = found.length === 1 ? (found[0] as Float64Array) : concat(found);
    return inOrder ? seqs : seqs.sort();
  }
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
