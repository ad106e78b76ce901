import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FaceRecord, Person } from 'nearface';
import { dateAndTime, personName } from '../../model/person-words.ts';
import { useStore } from '../../state/store.ts';
import { Select } from '../../ui/select.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';

interface PersonFacesProps {
  readonly person: Person;
  readonly faces: readonly FaceRecord[];
  /** Runs something and shows why it failed; answers whether it did not. */
  readonly attempt: (work: Promise<void>) => Promise<boolean>;
}

/** The faces of a person, to be chosen and put elsewhere. */
export function PersonFaces({ person, faces, attempt }: PersonFacesProps): VNode {
  const { persons } = useStore();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const records = faces.filter(({ id }) => chosen.has(id));
  const ids = records.map(({ id }) => id);
  const choose = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const run = async (work: Promise<void>): Promise<void> => {
    if (await attempt(work)) setChosen(new Set());
  };
  const isAll = ids.length >= person.faces;
  return (
    <section class="stack-3" aria-label="Faces of the person">
      <ul class="face-grid" aria-label="Faces">
        {faces.map((face) => (
          <li key={face.id}>
            <label class={chosen.has(face.id) ? 'face-tile chosen' : 'face-tile'}>
              <Thumbnail record={face} />
              <span class="row nowrap">
                <input
                  type="checkbox"
                  checked={chosen.has(face.id)}
                  onChange={({ currentTarget }) => choose(face.id, currentTarget.checked)}
                />
                <span class="muted small" title={`In ${face.galleries.join(', ')}`}>
                  <span class="visually-hidden">Face of </span>
                  {dateAndTime(face.timestamp)}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {ids.length === 0 ? (
        <p class="muted small">
          Choose faces to split them off, move them, or say that they are of somebody else.
        </p>
      ) : (
        <div class="row face-deeds">
          <button
            type="button"
            class="button"
            disabled={isAll}
            onClick={() => void run(persons.split(person, ids))}
          >
            Split off
          </button>
          <button type="button" class="button" onClick={() => void run(persons.notOf(person, ids))}>
            Not {personName(person)}
          </button>
          <MoveTo person={person} onMove={(to) => void run(persons.move(ids, to))} />
          <button type="button" class="button danger" onClick={() => void run(persons.deleteFaces(records))}>
            Delete
          </button>
        </div>
      )}
    </section>
  );
}

/** People that a face can be moved to, at most; a list of more is of no use. */
const MOST_TARGETS = 500;

interface MoveToProps {
  readonly person: Person;
  readonly onMove: (to: Person) => void;
}

function MoveTo({ person, onMove }: MoveToProps): VNode | null {
  const { persons } = useStore();
  const others = persons.all.value.filter(({ id }) => id !== person.id).slice(0, MOST_TARGETS);
  const [to, setTo] = useState('');
  if (others.length === 0) return null;
  return (
    <div class="move-to">
      <Select
        label="Move to"
        value={to}
        options={[['', 'Choose somebody'], ...others.map((other) => [other.id, personName(other)] as const)]}
        onChange={setTo}
      />
      <button
        type="button"
        class="button"
        disabled={!to}
        onClick={() => {
          const target = persons.byId(to);
          if (target) onMove(target);
        }}
      >
        Move
      </button>
    </div>
  );
}
