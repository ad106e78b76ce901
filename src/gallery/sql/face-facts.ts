/**
 * What the engine's memory needs of a face besides its vector, as it lies beside that in columns: so a database is opened without
 * reading a record. What lies there is written by migrations, too, so that it must not change.
 */
import { reliabilityByte } from '../../core/reliability.ts';
import { keysOf } from '../face-keys.ts';
import type { StoredFace } from '../stored.ts';
import { columnText } from './columns.ts';
import { PLAIN_TAG } from './sql-tx.ts';

/** Bytes of a face's facts: six numbers of eight bytes, and one of a byte. */
export const FACTS_BYTES = 49;

const NUMBERS = 6;

/** What of a face lies beside its vector. */
export interface BesideVector {
  /** As {@link columnText} has it. */
  readonly model: string;
  /** A list of names, as JSON. */
  readonly galleries: string;
  readonly facts: Uint8Array;
}

/** What lies beside a face's vector. */
export function besideVector(face: StoredFace): BesideVector {
  return {
    model: columnText(face.modelId),
    galleries: JSON.stringify(face.galleries),
    facts: factsOf(face),
  };
}

/** Numbers as this machine has them, as in the vectors; short hashes share eight bytes. */
function factsOf(face: StoredFace): Uint8Array {
  const { id, meta, person, photo, camera, expires } = keysOf(PLAIN_TAG, face);
  const facts = new Uint8Array(FACTS_BYTES);
  const numbers = new Float64Array(NUMBERS);
  numbers.set([face.timestamp, meta, person, camera, expires]);
  new Uint32Array(numbers.buffer).set([id, photo], 2 * (NUMBERS - 1));
  facts.set(new Uint8Array(numbers.buffer));
  facts[FACTS_BYTES - 1] = reliabilityByte(face.reliability);
  return facts;
}

/** Reads one face's facts after the other. */
export class FactsReader {
  readonly #numbers = new Float64Array(NUMBERS);
  readonly #bytes = new Uint8Array(this.#numbers.buffer);
  readonly #shorts = new Uint32Array(this.#numbers.buffer, 8 * (NUMBERS - 1));
  #reliability = 0;

  /** @param facts - so many bytes as facts have */
  read(facts: Uint8Array): void {
    for (let i = 0; i < FACTS_BYTES - 1; i++) this.#bytes[i] = facts[i] as number;
    this.#reliability = facts[FACTS_BYTES - 1] as number;
  }

  /** When it was enrolled, in milliseconds since 1970. */
  get time(): number {
    return this.#numbers[0] as number;
  }

  get meta(): number {
    return this.#numbers[1] as number;
  }

  get person(): number {
    return this.#numbers[2] as number;
  }

  get camera(): number {
    return this.#numbers[3] as number;
  }

  get expires(): number {
    return this.#numbers[4] as number;
  }

  get id(): number {
    return this.#shorts[0] as number;
  }

  get photo(): number {
    return this.#shorts[1] as number;
  }

  /** 0..255. */
  get reliability(): number {
    return this.#reliability;
  }
}
