import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../../model/format.ts';
import type { Grouped, ShownGroup } from '../../state/groups-store.ts';
import { useStore } from '../../state/store.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { GroupCard } from './group-card.tsx';
import { SingleFaces } from './single-faces.tsx';

/** Who is likely who: faces of the gallery grouped by their looks, to be named or merged. */
export function GroupsPage(): VNode {
  const { groups: store, library, announcement } = useStore();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const grouped = store.grouped.value;
  const progress = store.progress.value;
  const faces = library.inUse.value?.count ?? 0;
  const { groups = [], singles = [] } = grouped?.shown ?? {};
  const merged = [...groups, ...singles].filter(({ key }) => chosen.has(key));

  const find = async (): Promise<void> => {
    setChosen(new Set());
    await store.find();
    if (store.grouped.value) announcement.value = `${whatIsThere(store.grouped.value)} found.`;
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
    announcement.value = `${inWords(merged)} merged.`;
  };
  return (
    <>
      <PageHead
        title="Groups"
        lead="Faces that are likely of one person, whatever they are called. Give a group its name, or merge what belongs together."
      />
      <GroupingBar merged={merged} onFind={() => void find()} onMerge={() => void merge()} />
      {progress !== undefined && <progress aria-label="Faces compared" value={progress} max={1} />}
      {store.error.value !== undefined && <Problem error={store.error.value} />}
      {faces === 0 && (
        <p class="muted">
          Nobody is enrolled in this gallery yet. Enrol photos on the page <a href="#/people">People</a>.
        </p>
      )}
      {grouped && groups.length === 0 && (
        <p class="muted">No two faces are alike enough to be one person’s.</p>
      )}
      {groups.length > 0 && (
        <ul class="groups" aria-label="Groups">
          {groups.map((group) => (
            <li key={group.key} class="panel stack-3">
              <GroupCard
                group={group}
                chosen={chosen.has(group.key)}
                onChoose={(on) => choose(group.key, on)}
              />
            </li>
          ))}
        </ul>
      )}
      <More kind="groups" />
      {singles.length > 0 && (
        <section class="stack-3">
          <h2>Single faces</h2>
          <p class="muted small">
            Each is like no other. Choose those of one person, with their group or with each other, to merge
            them.
          </p>
          <SingleFaces singles={singles} isChosen={(key) => chosen.has(key)} onChoose={choose} />
        </section>
      )}
      <More kind="singles" />
    </>
  );
}

interface GroupingBarProps {
  /** What is chosen for a merge. */
  readonly merged: readonly ShownGroup[];
  readonly onFind: () => void;
  readonly onMerge: () => void;
}

/** What was found, and what can be done with it. */
function GroupingBar({ merged, onFind, onMerge }: GroupingBarProps): VNode {
  const { groups: store, library, settings } = useStore();
  const grouped = store.grouped.value;
  const faces = library.inUse.value?.count ?? 0;
  return (
    <section class="panel row grouping" aria-label="Grouping">
      <p>
        {grouped ? whatIsThere(grouped) : count(faces, 'face')} in “{settings.gallery.value}”
        {store.outdated.value && <span class="muted">; its faces have changed since: group again</span>}
      </p>
      <div class="row push">
        {merged.length > 1 && (
          <button type="button" class="button" onClick={onMerge}>
            Merge {inWords(merged)}
          </button>
        )}
        {store.progress.value === undefined ? (
          <button type="button" class="button primary" disabled={faces === 0} onClick={onFind}>
            {grouped ? 'Group again' : 'Group the faces'}
          </button>
        ) : (
          <button type="button" class="button" onClick={store.cancel}>
            Cancel
          </button>
        )}
      </div>
    </section>
  );
}

function More({ kind }: { readonly kind: 'groups' | 'singles' }): VNode | null {
  const { groups: store } = useStore();
  const rest = store.grouped.value?.rest[kind].length ?? 0;
  if (rest === 0) return null;
  return (
    <div class="row center">
      <button type="button" class="button" onClick={() => void store.showMore(kind)}>
        {kind === 'groups' ? 'Show more groups' : 'Show more single faces'} ({rest.toLocaleString('en')})
      </button>
    </div>
  );
}

function whatIsThere({ shown, rest }: Grouped): string {
  const [groups, singles] = (['groups', 'singles'] as const).map(
    (kind) => shown[kind].length + rest[kind].length,
  );
  return `${count(groups ?? 0, 'group')} and ${count(singles ?? 0, 'single face')}`;
}

/** `2 groups and 1 face`. */
function inWords(merged: readonly ShownGroup[]): string {
  const groups = merged.filter(({ ids }) => ids.length > 1).length;
  const faces = merged.length - groups;
  const parts = [groups > 0 ? count(groups, 'group') : '', faces > 0 ? count(faces, 'face') : ''];
  return parts.filter(Boolean).join(' and ');
}
