import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { personName } from '../../model/person-words.ts';
import type { HistoryFilter } from '../../state/history-store.ts';
import { useStore } from '../../state/store.ts';
import { PickButton } from '../../ui/photo-source.tsx';
import { Select } from '../../ui/select.tsx';

/** People that a list to choose from has at most. */
const MOST_PEOPLE = 500;

/** Which sightings are shown. */
export function HistoryFilters(): VNode {
  const { history, persons } = useStore();
  const filter = history.filter.value;
  const set = (some: Partial<HistoryFilter>): void => {
    history.filter.value = { ...filter, ...some };
  };
  const seen = persons.all.value.filter(({ sightings, id }) => sightings > 0 || id === filter.personId);
  const isFiltered = Object.entries(filter).some(([, value]) => value !== '' && value !== 'all');
  return (
    <search class="panel history-filters" aria-label="Which sightings are shown">
      <Select
        label="Person"
        value={filter.personId}
        options={[
          ['', 'Anybody'],
          ...seen.slice(0, MOST_PEOPLE).map((person) => [person.id, personName(person)] as const),
        ]}
        onChange={(personId) => set({ personId })}
      />
      <Select
        label="Camera"
        value={filter.cameraId}
        options={[
          ['', 'All cameras'],
          ...history.cameras.value.map(({ id, meta }) => [id, meta || 'Camera without a name'] as const),
        ]}
        onChange={(cameraId) => set({ cameraId })}
      />
      <Select
        label="Friends"
        value={filter.friends}
        options={[
          ['all', 'Everybody'],
          ['friends', 'Friends only'],
          ['others', 'All but friends'],
        ]}
        onChange={(friends) => set({ friends })}
      />
      <DayField label="From" value={filter.from} onDay={(from) => set({ from })} />
      <DayField label="To" value={filter.to} onDay={(to) => set({ to })} />
      <div class="row filter-buttons">
        <PickButton
          label="Search by photo"
          multiple={false}
          onFiles={(files) => {
            const file = files?.[0];
            if (file) void history.searchByPhoto(file.name, file);
          }}
        />
        <button
          type="button"
          class="button"
          disabled={!isFiltered}
          onClick={() => {
            history.endPhotoSearch();
            history.show({});
          }}
        >
          Show all
        </button>
      </div>
    </search>
  );
}

interface DayFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onDay: (day: string) => void;
}

function DayField({ label, value, onDay }: DayFieldProps): VNode {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class="field-label">
        {label}
      </label>
      <input id={id} type="date" value={value} onChange={({ currentTarget }) => onDay(currentTarget.value)} />
    </div>
  );
}
