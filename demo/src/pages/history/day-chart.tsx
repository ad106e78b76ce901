import type { VNode } from 'preact';
import type { DayOfVisits } from 'nearface';
import { dayInWords, MOST_DAYS, shortDay, withoutGaps } from '../../model/days.ts';
import { count } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';

/** Sightings per day as bars; each is a button that shows its day. */
export function DayChart(): VNode | null {
  const { history } = useStore();
  const days = withoutGaps(history.days.value);
  if (days.length === 0) return null;
  const { from, to } = history.filter.value;
  const highest = Math.max(...days.map(({ sightings }) => sightings));
  // A label to every so many bars, so that they do not meet.
  const every = Math.ceil(days.length / 7);
  return (
    <section class="panel stack-3" aria-label="Visits per day">
      <div class="row between">
        <h2>Visits per day</h2>
        <span class="muted small">at most {highest.toLocaleString('en')} a day</span>
      </div>
      <ol class="day-chart" style={{ '--days': Math.max(days.length, 7) }}>
        {days.map((day, i) => (
          <Bar
            key={day.day}
            day={day}
            share={day.sightings / highest}
            isChosen={from === day.day && to === day.day}
            isLabelled={(days.length - 1 - i) % every === 0}
          />
        ))}
      </ol>
      {history.days.value.length > days.length && (
        <p class="muted small">The last {MOST_DAYS} days; choose others above.</p>
      )}
    </section>
  );
}

interface BarProps {
  readonly day: DayOfVisits;
  /** Of the highest bar. */
  readonly share: number;
  readonly isChosen: boolean;
  readonly isLabelled: boolean;
}

function Bar({ day: { day, sightings, people }, share, isChosen, isLabelled }: BarProps): VNode {
  const { history } = useStore();
  const show = (): void => {
    const only = isChosen ? { from: '', to: '' } : { from: day, to: day };
    history.filter.value = { ...history.filter.value, ...only };
  };
  const text = `${dayInWords(day)}: ${count(sightings, 'visit')} of ${count(people, 'person', 'people')}`;
  return (
    <li>
      <button
        type="button"
        class="day-bar"
        aria-pressed={isChosen}
        aria-label={text}
        title={text}
        disabled={sightings === 0}
        onClick={show}
      >
        <span class="day-fill" style={{ height: `${100 * share}%` }} />
      </button>
      <span class="day-label" aria-hidden="true">
        {isLabelled && <span>{shortDay(day)}</span>}
      </span>
    </li>
  );
}
