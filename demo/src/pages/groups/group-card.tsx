import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import type { ShownGroup } from '../../state/groups-store.ts';
import { useStore } from '../../state/store.ts';
import { Thumbnail } from '../../ui/thumbnail.tsx';

interface GroupCardProps {
  readonly group: ShownGroup;
  readonly chosen: boolean;
  readonly onChoose: (on: boolean) => void;
}

/** A group of faces, to be named and to be chosen for a merge. */
export function GroupCard({ group, chosen, onChoose }: GroupCardProps): VNode {
  const { groups: store } = useStore();
  const hidden = group.ids.length - group.faces.length;
  return (
    <>
      <div class="row between">
        <label class="toggle">
          <input
            type="checkbox"
            checked={chosen}
            onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
          />
          {count(group.ids.length, 'face')}
        </label>
        {group.faces.some(({ meta }) => meta !== group.name) && (
          <span class="muted small">under several names</span>
        )}
      </div>
      <div class="group-faces">
        {group.faces.map((face) => (
          <Thumbnail key={face.id} record={face} alt={face.meta || 'no name'} />
        ))}
      </div>
      {hidden > 0 && (
        <div class="row">
          <button type="button" class="button small" onClick={() => void store.showFaces(group)}>
            Show more faces ({hidden.toLocaleString('en')})
          </button>
        </div>
      )}
      <NameAll key={group.name} group={group} />
    </>
  );
}

function NameAll({ group }: { readonly group: ShownGroup }): VNode {
  const { groups: store, announcement } = useStore();
  const [name, setName] = useState(group.name);
  const id = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await store.rename(group, name.trim());
    announcement.value = `${count(group.ids.length, 'face')} named ${name.trim()}.`;
  };
  return (
    <form class="row nowrap" onSubmit={(event) => void submit(event)}>
      <label for={id} class="visually-hidden">
        Name of the group
      </label>
      <input
        id={id}
        type="text"
        maxLength={1024}
        placeholder="Who is this?"
        autoComplete="off"
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="button" disabled={name.trim() === '' || name.trim() === group.name}>
        Name all
      </button>
    </form>
  );
}
