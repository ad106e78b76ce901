import { expect, it } from 'vitest';
import { dayOf, MOST_DAYS, startOf, withoutGaps } from './days.ts';

it('a chart has the days between, and no more than fit', () => {
  const visit = (day: string) => ({ day, sightings: 3, people: 2 });
  expect(withoutGaps([])).toEqual([]);
  const week = withoutGaps([visit('2026-03-01'), visit('2026-02-27')]);
  expect(week).toHaveLength(7);
  expect(week.slice(-3)).toEqual([
    visit('2026-02-27'),
    { day: '2026-02-28', sightings: 0, people: 0 },
    visit('2026-03-01'),
  ]);
  const many = withoutGaps([visit('2026-11-29'), visit('2020-01-01')]);
  expect(many).toHaveLength(MOST_DAYS);
  expect(many.at(-1)).toEqual(visit('2026-11-29'));
});

it('a day begins and ends in the time zone of the page', () => {
  const start = startOf('2026-11-29');
  expect([dayOf(start), dayOf(start - 1)]).toEqual(['2026-11-29', '2026-11-28']);
  expect(dayOf(startOf('2026-11-30', 1) - 1)).toBe('2026-11-30');
});
