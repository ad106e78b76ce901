import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import type { ShownGroup } from '../../state/groups-store.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';

/** Who is likely who: faces of the gallery grouped by their looks, to be named or merged. */
export function GroupsPage(): VNode {
  const { groups: store, library, settings, announcement } = useStore();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const groups = store.groups.value;
  const progress = store.progress.value;
  const faces = library.inUse.value?.count ?? 0;
  const merged = groups?.filter(({ key }) => chosen.has(key)) ?? [];

  const find = async (): Promise<void> => {
    setChosen(new Set());
    await store.find();
    announcement.value = `${count(store.groups.value?.length ?? 0, 'group')} found.`;
  };
  const choose = (key: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(key);
    else next.delete(key);
    setChosen(next);
  };
  const merge = async (): Promise<void> => {
    setChosen(new Set());
    await store.merge(merged);
    announcement.value = `${count(merged.length, 'group')} merged.`;
  };
  return (
    <>
      <PageHead
        title="Groups"
        lead="Faces that are likely of one person, whatever they are called. Give a group its name, or merge two that belong together."
      />
      <section class="panel row between" aria-label="Grouping">
        <p>
          {groups
            ? `${count(groups.length, 'group')} and ${count(store.singles.value, 'single face')} in “${settings.gallery.value}”`
            : `${count(faces, 'face')} in “${settings.gallery.value}”`}
        </p>
        <div class="row">
          {merged.length > 1 && (
            <button type="button" class="button" onClick={() => void merge()}>
              Merge {merged.length} groups
            </button>
          )}
          {progress === undefined ? (
            <button type="button" class="button primary" disabled={faces === 0} onClick={() => void find()}>
              {groups ? 'Group again' : 'Group the faces'}
            </button>
          ) : (
            <button type="button" class="button" onClick={store.cancel}>
              Cancel
            </button>
          )}
        </div>
      </section>
      {progress !== undefined && <progress aria-label="Faces compared" value={progress} max={1} />}
      {store.error.value !== undefined && <Problem error={store.error.value} />}
      {faces === 0 && (
        <p class="muted">
          Nobody is enrolled in this gallery yet. Enrol photos on the page <a href="#/people">People</a>.
        </p>
      )}
      {groups?.length === 0 && <p class="muted">No two faces are alike enough to be one person’s.</p>}
      {groups && groups.length > 0 && (
        <ul class="groups" aria-label="Groups">
          {groups.map((group) => (
            <li key={group.key} class="panel stack-3">
              <Group group={group} chosen={chosen.has(group.key)} onChoose={(on) => choose(group.key, on)} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface GroupProps {
  readonly group: ShownGroup;
  readonly chosen: boolean;
  readonly onChoose: (on: boolean) => void;
}

function Group({ group, chosen, onChoose }: GroupProps): VNode {
  const { groups: store, announcement } = useStore();
  const [name, setName] = useState(group.name);
  const id = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    await store.rename(group, name.trim());
    announcement.value = `${count(group.ids.length, 'face')} named ${name.trim()}.`;
  };
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
    </>
  );
}
