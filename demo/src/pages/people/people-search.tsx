import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { useStore } from '../../state/store.ts';
import { PickButton } from '../../ui/photo-source.tsx';

/** Finds enrolled people by name or by a photo. */
export function PeopleSearch(): VNode | null {
  const { people, persons, library } = useStore();
  const id = useId();
  if (!library.inUse.value?.count && persons.all.value.length === 0) return null;
  return (
    <search class="people-search">
      <label for={id} class="visually-hidden">
        Search by name
      </label>
      <input
        id={id}
        type="search"
        placeholder="Search by name"
        list={`${id}-names`}
        value={people.query.value}
        onInput={({ currentTarget }) => {
          persons.endPhotoSearch();
          people.query.value = currentTarget.value;
        }}
      />
      <datalist id={`${id}-names`}>
        {library.metas.value.slice(0, 500).map(({ meta, count }) => (
          <option key={meta} value={meta} label={`${count}`} />
        ))}
      </datalist>
      <PickButton
        label="Search by photo"
        multiple={false}
        onFiles={(files) => {
          const file = files?.[0];
          if (file) void persons.searchByPhoto(file.name, file);
        }}
      />
    </search>
  );
}
