/** Rows of people, cameras and sightings, made and read with a sealer. */
import {
  type JournalEntry,
  marksOf,
  pairKey,
  type StoredCamera,
  type StoredPair,
  type StoredPerson,
  type StoredSighting,
} from '../people/stored.ts';
import { fromBytes, toBytes } from './rows.ts';
import type { CameraRow, Held, PairRow, PersonRow, SightingRow, StepRow } from './schema.ts';
import type { Sealer } from './sealer.ts';

function held(sealer: Sealer, value: object): Held {
  return sealer.encrypted ? { sealed: sealer.seal(toBytes(value)) } : { value };
}

/** Nothing where it is damaged. */
function heldBy<T>(sealer: Sealer, { value, sealed }: Held, isOne: (value: T) => boolean): T | undefined {
  try {
    const found = (sealed ? fromBytes(sealer.open(sealed)) : value) as T | undefined;
    return typeof found === 'object' && found !== null && isOne(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';

export function personRow(sealer: Sealer, person: StoredPerson): PersonRow {
  return { number: person.number, id: sealer.tag(person.id), ...held(sealer, person) };
}

export function personOf(sealer: Sealer, row: PersonRow): StoredPerson | undefined {
  return heldBy<StoredPerson>(sealer, row, ({ id, meta, number }) => {
    return isText(id) && isText(meta) && number === row.number;
  });
}

export function cameraRow(sealer: Sealer, camera: StoredCamera): CameraRow {
  return { id: sealer.tag(camera.id), ...held(sealer, camera) };
}

export function cameraOf(sealer: Sealer, row: CameraRow): StoredCamera | undefined {
  return heldBy<StoredCamera>(sealer, row, ({ id }) => isText(id));
}

export function pairRow(sealer: Sealer, pair: StoredPair): PairRow {
  const marks = marksOf(pair).map(sealer.tag);
  return { key: sealer.tag(pairKey(pair)), marks, ...held(sealer, pair) };
}

export function pairOf(sealer: Sealer, row: PairRow): StoredPair | undefined {
  return heldBy<StoredPair>(sealer, row, ({ person, other }) => isText(person) && isText(other));
}

/** Tags of the faces that a step's pairs name, by which it is found when one is deleted. */
export function stepRow(sealer: Sealer, entry: JournalEntry): StepRow {
  const named = [...entry.pairsAdded, ...entry.pairsRemoved].filter(({ isFace }) => isFace);
  const faces = [...new Set(named.map(({ other }) => sealer.tag(other)))];
  return { no: entry.no, faces, ...held(sealer, entry) };
}

export function stepOf(sealer: Sealer, row: StepRow): JournalEntry | undefined {
  return heldBy<JournalEntry>(sealer, row, ({ no, faces }) => no === row.no && Array.isArray(faces));
}

/** Times and numbers are negative in its keys, so that the newest come first. */
export function sightingRow(sealer: Sealer, sighting: StoredSighting): SightingRow {
  const { seq, id, timeMs, personId, cameraId, faceId } = sighting;
  return {
    seq,
    id: sealer.tag(id),
    time: -timeMs,
    back: -seq,
    ...(personId !== undefined && { person: sealer.tag(personId) }),
    ...(cameraId !== undefined && { camera: sealer.tag(cameraId) }),
    ...(faceId !== undefined && { face: sealer.tag(faceId) }),
    ...held(sealer, sighting),
  };
}

export function sightingOf(sealer: Sealer, row: SightingRow): StoredSighting | undefined {
  return heldBy<StoredSighting>(sealer, row, ({ id, timeMs, pictures, seq }) => {
    return isText(id) && typeof timeMs === 'number' && Array.isArray(pictures) && seq === row.seq;
  });
}

/** A row under other keys; what is damaged stays so. */
function resealed<Row extends object, Value>(
  read: (sealer: Sealer, row: Row) => Value | undefined,
  make: (sealer: Sealer, value: Value) => Row,
  damaged: (to: Sealer, row: Row) => Row,
): (row: Row, from: Sealer, to: Sealer) => Row {
  return (row, from, to) => {
    const value = read(from, row);
    return value === undefined ? damaged(to, row) : make(to, value);
  };
}

const NOTHING = new Uint8Array(0);

// Keys of one database tell nothing in another: those of damaged rows are tagged once more, so that they find nothing.
export const resealedPerson: (row: PersonRow, from: Sealer, to: Sealer) => PersonRow = resealed(
  personOf,
  personRow,
  (to, { number, id }) => ({ number, id: to.tag(id), sealed: NOTHING }),
);
export const resealedCamera: (row: CameraRow, from: Sealer, to: Sealer) => CameraRow = resealed(
  cameraOf,
  cameraRow,
  (to, { id }) => ({ id: to.tag(id), sealed: NOTHING }),
);
export const resealedPair: (row: PairRow, from: Sealer, to: Sealer) => PairRow = resealed(
  pairOf,
  pairRow,
  (to, { key }) => ({ key: to.tag(key), marks: [], sealed: NOTHING }),
);
export const resealedStep: (row: StepRow, from: Sealer, to: Sealer) => StepRow = resealed(
  stepOf,
  stepRow,
  (_to, { no }) => ({ no, faces: [], sealed: NOTHING }),
);
export const resealedSighting: (row: SightingRow, from: Sealer, to: Sealer) => SightingRow = resealed(
  sightingOf,
  sightingRow,
  (to, { seq, id, time, back }) => ({ seq, id: to.tag(id), time, back, sealed: NOTHING }),
);
