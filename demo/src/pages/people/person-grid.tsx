import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Person } from 'nearface';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';
import { type ItemProps, VirtualGrid } from '../../ui/virtual-grid.tsx';
import { PeopleBar } from './people-bar.tsx';
import { PersonTile } from './person-tile.tsx';

/** Everyone who is known on this device, one tile each. */
export function PersonGrid({ onOpen }: { readonly onOpen: (person: Person) => void }): VNode {
  const { persons, people, library, engine } = useStore();
  const [error, setError] = useState<unknown>();
  const shown = persons.shown.value;
  const attempt = (work: Promise<void>): void => {
    work.then(() => setError(undefined), setError);
  };
  const drop = (id: string, onto: Person): void => {
    const dragged = persons.byId(id);
    if (dragged) attempt(persons.merge([onto, dragged]));
  };
  const tile = (index: number, item: ItemProps): VNode => {
    const person = shown[index]!;
    return (
      <PersonTile
        key={person.id}
        person={person}
        item={item}
        onOpen={() => onOpen(person)}
        onDropped={(id) => drop(id, person)}
      />
    );
  };
  return (
    <div class="stack-3">
      <PeopleBar attempt={attempt} />
      {error !== undefined && <Problem error={error} />}
      {persons.error.value !== undefined && engine.state.value.kind === 'ready' && (
        <Problem error={persons.error.value} onRetry={() => void library.refresh()} />
      )}
      {shown.length > 0 ? (
        <VirtualGrid
          label="People"
          total={shown.length}
          busy={persons.loading.value}
          item={tile}
          onShow={() => {}}
        />
      ) : (
        <Nobody isFiltered={people.query.value.trim() !== ''} />
      )}
    </div>
  );
}

function Nobody({ isFiltered }: { readonly isFiltered: boolean }): VNode | null {
  const { people, persons } = useStore();
  if (persons.loading.value) return null;
  if (isFiltered) return <p class="muted">Nobody’s name contains “{people.query.value}”.</p>;
  return (
    <p class="muted narrow">
      A person is the faces that were put together. New faces are put together as they are enrolled or seen;
      those that were stored before are not yet. Press “Group the faces”.
    </p>
  );
}
