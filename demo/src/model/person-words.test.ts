import { expect, it } from 'vitest';
import type { Person } from 'nearface';
import { arrange, personName, staysOf, videoTime } from './person-words.ts';

const person = (number: number, change: Partial<Person> = {}): Person => ({
  id: `p${number}`,
  number,
  meta: '',
  named: Boolean(change.meta),
  faces: 1,
  sightings: 0,
  firstSeen: null,
  lastSeen: null,
  ...change,
});

it('orders and finds people, those without a name by their number', () => {
  const people = [
    person(1, { meta: 'Zoe', lastSeen: 5 }),
    person(2, { faces: 9 }),
    person(3, { meta: 'Al' }),
  ];
  const numbers = (...args: [string, Parameters<typeof arrange>[2]]): number[] =>
    arrange(people, ...args).map(({ number }) => number);
  expect(numbers('', 'number')).toEqual([1, 2, 3]);
  expect(numbers('', 'name')).toEqual([3, 1, 2]);
  expect(numbers('', 'faces')).toEqual([2, 1, 3]);
  expect(numbers('', 'seen')).toEqual([1, 2, 3]);
  expect(numbers(' UNKNOWN 2 ', 'name')).toEqual([2]);
  expect(people.map(personName)).toEqual(['Zoe', 'Unknown 2', 'Al']);
});

it('of people that are merged a named one stays', () => {
  expect(staysOf([person(1, { faces: 9 }), person(2, { meta: 'Al' })])?.number).toBe(2);
  expect(staysOf([person(1), person(2, { faces: 9 })])?.number).toBe(2);
});

it('tells times within a video', () => {
  expect([0, 61_000, 3_723_000].map((ms) => videoTime(ms))).toEqual(['0:00', '1:01', '1:02:03']);
  expect(videoTime(9_960, true)).toBe('0:10.0');
});
