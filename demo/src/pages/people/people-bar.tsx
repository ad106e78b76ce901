import type { VNode } from 'preact';
import { count } from '../../model/format.ts';
import { PERSON_ORDERS } from '../../model/person-words.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { Select } from '../../ui/select.tsx';

interface PeopleBarProps {
  /** Runs something and shows why it failed. */
  readonly attempt: (work: Promise<void>) => void;
}

/** What can be done with those who are chosen, and with all. */
export function PeopleBar({ attempt }: PeopleBarProps): VNode {
  const { persons } = useStore();
  const chosen = persons.all.value.filter(({ id }) => persons.chosen.value.has(id));
  const [a, b] = chosen;
  return (
    <section class="panel row people-bar" aria-label="What to do with people">
      <Select
        label="Order"
        value={persons.order.value}
        options={PERSON_ORDERS}
        onChange={(order) => (persons.order.value = order)}
      />
      {chosen.length === 0 && persons.all.value.length > 1 && (
        <p class="muted small people-hint">
          To merge people, drag one onto another, or choose them by their boxes.
        </p>
      )}
      <div class="row push">
        {chosen.length > 0 && <span class="num small">{chosen.length} chosen</span>}
        {chosen.length > 1 && (
          <button type="button" class="button primary" onClick={() => attempt(persons.merge(chosen))}>
            Merge
          </button>
        )}
        {a && b && chosen.length === 2 && (
          <button type="button" class="button" onClick={() => attempt(persons.notSame(a, b))}>
            Not the same
          </button>
        )}
        {chosen.length > 0 && (
          <button type="button" class="button" onClick={() => (persons.chosen.value = new Set())}>
            Choose none
          </button>
        )}
        {chosen.length === 0 && <Grouping attempt={attempt} />}
        <button type="button" class="button" onClick={() => attempt(persons.undo())}>
          <Icon name="undo" />
          Undo
        </button>
      </div>
    </section>
  );
}

/** Groups faces of nobody, or the people without a name anew. */
function Grouping({ attempt }: PeopleBarProps): VNode | null {
  const { persons } = useStore();
  const progress = persons.progress.value;
  const ungrouped = persons.ungrouped.value;
  if (progress !== undefined)
    return (
      <>
        <progress class="grouping-progress" aria-label="Faces compared" value={progress} max={1} />
        <button type="button" class="button" onClick={persons.cancelRegroup}>
          Cancel
        </button>
      </>
    );
  if (ungrouped > 0)
    return (
      <>
        <span class="small">{count(ungrouped, 'face')} of nobody</span>
        <button type="button" class="button primary" onClick={() => attempt(persons.regroup(false))}>
          Group the faces
        </button>
      </>
    );
  if (persons.all.value.filter(({ named, faces }) => !named && faces > 0).length < 2) return null;
  return (
    <button type="button" class="button" onClick={() => attempt(persons.regroup(true))}>
      Group the unnamed anew
    </button>
  );
}
