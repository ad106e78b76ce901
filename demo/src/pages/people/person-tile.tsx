import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Person } from 'nearface';
import { count } from '../../model/format.ts';
import { personName } from '../../model/person-words.ts';
import { useStore } from '../../state/store.ts';
import { PersonPicture } from '../../ui/person-picture.tsx';
import type { ItemProps } from '../../ui/virtual-grid.tsx';

interface PersonTileProps {
  readonly person: Person;
  readonly item: ItemProps;
  readonly onOpen: () => void;
  /** Called with the id of a tile that was dropped on this one. */
  readonly onDropped: (id: string) => void;
}

/** What a tile that is dragged carries. */
const DRAGGED = 'application/x-nearface-person';

/** A person: opened by a press, chosen by its box, merged by being dropped on another. */
export function PersonTile({ person, item, onOpen, onDropped }: PersonTileProps): VNode {
  const { persons } = useStore();
  const [over, setOver] = useState(false);
  const name = personName(person);
  const isChosen = persons.chosen.value.has(person.id);
  const choose = (on: boolean): void => {
    const next = new Set(persons.chosen.value);
    if (on) next.add(person.id);
    else next.delete(person.id);
    persons.chosen.value = next;
  };
  return (
    <div
      class={`person-tile${isChosen ? ' chosen' : ''}${over ? ' over' : ''}`}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, person.id)}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const id = event.dataTransfer?.getData(DRAGGED);
        if (!id) return;
        event.preventDefault();
        if (id !== person.id) onDropped(id);
      }}
    >
      <button
        type="button"
        class="face-tile"
        aria-label={`${name}, ${count(person.faces, 'face')}${person.friend ? ', friend' : ''}`}
        onClick={onOpen}
        {...item}
      >
        <PersonPicture person={person} />
        <span class="ellipsis">
          {person.friend && <span class="friend">★ </span>}
          {person.named ? name : <em>{name}</em>}
        </span>
        <span class="muted small">{count(person.faces, 'face')}</span>
      </button>
      <input
        type="checkbox"
        class="tile-box"
        aria-label={`Choose ${name}`}
        checked={isChosen}
        tabIndex={item.tabIndex}
        onChange={({ currentTarget }) => choose(currentTarget.checked)}
      />
    </div>
  );
}
