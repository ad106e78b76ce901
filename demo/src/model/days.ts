import type { DayOfVisits } from 'nearface';

/** Most days that a chart shows, and the fewest. */
export const MOST_DAYS = 42;
const FEWEST_DAYS = 7;

const DAY_MS = 86_400_000;

/**
 * Days without a gap, the first one first: those that somebody was seen on and those between, at most the last {@link MOST_DAYS}; of fewer
 * than a week the days before as well.
 */
export function withoutGaps(visits: readonly DayOfVisits[]): readonly DayOfVisits[] {
  const byDay = new Map(visits.map((visit) => [visit.day, visit]));
  const days = [...byDay.keys()].sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = Date.parse(last);
  const before = (days: number): number => end - (days - 1) * DAY_MS;
  const start = Math.max(Math.min(Date.parse(first), before(FEWEST_DAYS)), before(MOST_DAYS));
  return Array.from({ length: Math.round((end - start) / DAY_MS) + 1 }, (_, i) => {
    const day = new Date(start + i * DAY_MS).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, sightings: 0, people: 0 };
  });
}

/** The beginning of a day of the page's own time zone, or of the day after it, in milliseconds since 1970. */
export function startOf(day: string, daysLater = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).getTime();
}

/** `Sunday, 29 November 2026`. */
export function dayInWords(day: string): string {
  return new Date(startOf(day)).toLocaleDateString('en-GB', { dateStyle: 'full' });
}

/** `29 Nov`. */
export function shortDay(day: string): string {
  return new Date(startOf(day)).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** The day of a time, as in `2026-11-29`, in the page's own time zone. */
export function dayOf(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
