/** Errors of age, gender and emotions against labels. A photo in which no face was found counts as wrong. */
import { mean } from '../harness/averages.ts';

/** A labelled person, and what was said; nothing where no face was found. */
export interface JudgedPerson {
  readonly age: number;
  readonly gender: 'male' | 'female';
  readonly saidAge?: number | undefined;
  readonly saidGender?: 'male' | 'female' | undefined;
}

/** Errors over some people. */
export interface PeopleErrors {
  readonly count: number;
  /** People whose face was not found; age errors are of the others. */
  readonly missed: number;
  /** Mean absolute error of the age in years, and the mean of the signed one. */
  readonly ageError: number;
  readonly ageBias: number;
  /** Share whose gender was named right; a missed face is wrong. */
  readonly genderRight: number;
}

/** Groups by labelled or estimated age: from (included) and up to (excluded). */
export const AGE_GROUPS: readonly (readonly [from: number, to: number])[] = [
  [0, 13],
  [13, 18],
  [18, 30],
  [30, 45],
  [45, 60],
  [60, 75],
  [75, 200],
];

/** "18–29", "75 and over". */
export function nameOfGroup([from, to]: readonly [number, number]): string {
  return to >= 200 ? `${from} and over` : `${from}–${to - 1}`;
}

/** Errors over `people`. */
export function errorsOf(people: readonly JudgedPerson[]): PeopleErrors {
  const errors = people.flatMap(({ age, saidAge }) => (saidAge === undefined ? [] : [saidAge - age]));
  return {
    count: people.length,
    missed: people.length - errors.length,
    ageError: mean(errors.map(Math.abs)),
    ageBias: mean(errors),
    genderRight: mean(people.map(({ gender, saidGender }) => Number(gender === saidGender))),
  };
}

/** What emotion-dev calls the emotions, in the order of the table. */
export const EMOTIONS = {
  anger: 'angry',
  disgust: 'disgusted',
  fear: 'scared',
  happiness: 'happy',
  sadness: 'sad',
  surprise: 'surprised',
  neutral: 'calm',
} as const;

/** A label and what was said of it. */
export type Emotion = (typeof EMOTIONS)[keyof typeof EMOTIONS];

/** How often each emotion was taken for each other. */
export interface Confusion {
  readonly names: readonly Emotion[];
  /** Rows: labels; columns: what was said; the last column counts faces not found. */
  readonly counts: readonly (readonly number[])[];
  /** Mean over the emotions of the share that was named right. */
  readonly balancedAccuracy: number;
}

/** The confusion of pairs of label and answer. */
export function confusionOf(
  pairs: readonly (readonly [label: Emotion, said: Emotion | undefined])[],
): Confusion {
  const names = Object.values(EMOTIONS);
  const counts = names.map((label) => {
    const said = pairs.filter(([given]) => given === label).map(([, answer]) => answer);
    return [...names, undefined].map((name) => said.filter((answer) => answer === name).length);
  });
  const recalls = counts.flatMap((row, i) => {
    const count = row.reduce((sum, cell) => sum + cell, 0);
    return count > 0 ? [row[i]! / count] : [];
  });
  return { names, counts, balancedAccuracy: mean(recalls) };
}
