/** People, cameras and sightings as every database keeps them. */
import type { Camera, Sighting, UndonePeopleChange } from '../../core/people.ts';
import type { PreparedFace } from '../face-input.ts';

/** A person without what is counted. */
export interface StoredPerson {
  readonly id: string;
  readonly number: number;
  readonly meta: string;
  /** Made on the fly, by assignment: it goes when nothing of it is left. */
  readonly auto: boolean;
}

/** A person to be made. */
export type NewPerson = Omit<StoredPerson, 'number'>;

export type StoredCamera = Camera;

/** A sighting; what the answer says beyond it is worked out. */
export interface StoredSighting extends Omit<Sighting, 'meta' | 'friend'> {
  /** Rises with every sighting and is never used again. */
  readonly seq: number;
  readonly meta?: string;
  readonly pictureBytes: number;
}

/** A sighting to be stored, with its pictures' bytes. */
export interface PreparedSighting extends Omit<StoredSighting, 'seq' | 'pictures' | 'pictureBytes'> {
  readonly pictures: PreparedFace['pictures'];
}

/** "This is not that person": two people, or a face and a person. */
export interface StoredPair {
  /** The one of two people whose id comes first, or the person. */
  readonly person: string;
  /** The other person; or the face. */
  readonly other: string;
  readonly isFace: boolean;
}

/** Faces, or sightings, that changed hands. Numbers alone: they tell nothing once what they stand for is deleted. */
export interface Moved {
  readonly from: string | null;
  readonly to: string | null;
  readonly seqs: readonly number[];
  /** Of faces: what they were called before and after. */
  readonly metas?: readonly [before: string, after: string];
}

/** A person that was made, changed or removed. */
export interface PersonChange {
  readonly before: StoredPerson | null;
  readonly after: StoredPerson | null;
}

/** A change of who is who, which can be taken back. */
export interface PeopleStep {
  readonly what: UndonePeopleChange['what'];
  readonly timeMs: number;
  readonly persons: readonly PersonChange[];
  readonly faces: readonly Moved[];
  readonly sightings: readonly Moved[];
  readonly pairsAdded: readonly StoredPair[];
  readonly pairsRemoved: readonly StoredPair[];
}

/** A step in the journal. */
export interface JournalEntry extends PeopleStep {
  /** Rises. */
  readonly no: number;
}

/** The counters of people. */
export interface PeopleCounters {
  readonly nextPerson: number;
  readonly nextSighting: number;
  readonly nextStep: number;
  readonly people: number;
  readonly cameras: number;
  readonly sightings: number;
  /** Records as JSON, pictures as encoded. */
  readonly bytes: number;
  /** Absent where faces may name people that nobody has made: in databases of earlier versions. */
  readonly areAllMade?: true;
}

export const NO_PEOPLE: PeopleCounters = {
  nextPerson: 1,
  nextSighting: 1,
  nextStep: 1,
  people: 0,
  cameras: 0,
  sightings: 0,
  bytes: 0,
  areAllMade: true,
};

/** The counters of a database that has none yet. */
export function countersOf(people: PeopleCounters | undefined): PeopleCounters {
  if (people) return people;
  const { areAllMade: _, ...none } = NO_PEOPLE;
  return none;
}

/** The counters when everything was erased: no number is used again. */
export function emptied({ nextPerson, nextSighting, nextStep }: PeopleCounters): PeopleCounters {
  return { ...NO_PEOPLE, nextPerson, nextSighting, nextStep };
}

/** What the record of a person, camera or sighting takes up. */
export function bytesOfRecord(record: StoredPerson | StoredCamera | StoredSighting): number {
  const pictures = 'pictureBytes' in record ? record.pictureBytes : 0;
  return JSON.stringify(record).length + pictures;
}

/** What a pair is found by. The parts are told apart, since a face may be called as a person is. */
export const pairKey = ({ person, other, isFace }: StoredPair): string =>
  JSON.stringify([person, other, isFace]);

/** What stands for a person, or a face, in pairs. */
export const personMark = (id: string): string => `person ${id}`;
export const faceMark = (id: string): string => `face ${id}`;
export const marksOf = ({ person, other, isFace }: StoredPair): readonly [string, string] => [
  personMark(person),
  isFace ? faceMark(other) : personMark(other),
];

/** Two people that are not the same. */
export function pairOfPeople(a: string, b: string): StoredPair {
  return a < b ? { person: a, other: b, isFace: false } : { person: b, other: a, isFace: false };
}

/** A face that is not of a person. */
export function pairOfFace(face: string, person: string): StoredPair {
  return { person, other: face, isFace: true };
}
