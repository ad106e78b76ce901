import type { FriendRule, Person } from 'nearface';

/** What a person is called: the name, else a number that stays theirs. */
export function personName({ meta, number }: Pick<Person, 'meta' | 'number'>): string {
  return meta || `Unknown ${number}`;
}

/** The time zone that days of the page begin and end in. */
export const TIME_ZONE: string = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Who counts as a friend on this page: the library's rule, in the days of this time zone. */
export const FRIEND_RULE: FriendRule = { timeZone: TIME_ZONE };

/** `5 Nov 2026, 14:03`. */
export function dateAndTime(timeMs: number): string {
  return new Date(timeMs).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** `14:03:07`. */
export function timeOfDay(timeMs: number): string {
  return new Date(timeMs).toLocaleTimeString('en-GB');
}

/** A time within a video: `1:02:03`, `2:03.4`. */
export function videoTime(timeMs: number, withTenths = false): string {
  const tenths = Math.max(0, Math.round(timeMs / 100));
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const seconds = String(Math.floor(tenths / 10) % 60).padStart(2, '0');
  const whole =
    hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
  return withTenths ? `${whole}.${tenths % 10}` : whole;
}

export type PersonOrder = 'number' | 'name' | 'faces' | 'seen';

export const PERSON_ORDERS: readonly (readonly [PersonOrder, string])[] = [
  ['number', 'As they came'],
  ['name', 'Name'],
  ['faces', 'Most faces'],
  ['seen', 'Seen last'],
];

/** The people whose name contains a text, in an order; unnamed ones last by name. */
export function arrange(people: readonly Person[], query: string, order: PersonOrder): readonly Person[] {
  const text = query.trim().toLowerCase();
  const found = text ? people.filter((one) => personName(one).toLowerCase().includes(text)) : people;
  if (order === 'number') return found;
  return found.toSorted((a, b) => {
    if (order === 'faces') return b.faces - a.faces || a.number - b.number;
    if (order === 'seen') return (b.lastSeen ?? 0) - (a.lastSeen ?? 0) || a.number - b.number;
    return Number(b.named) - Number(a.named) || a.meta.localeCompare(b.meta) || a.number - b.number;
  });
}

/** Of people that are put together, the one that stays: one with a name first, then the one with most faces. */
export function staysOf(people: readonly Person[]): Person | undefined {
  return people.toSorted((a, b) => Number(b.named) - Number(a.named) || b.faces - a.faces)[0];
}
