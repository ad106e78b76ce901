import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FaceRecord, Person } from 'nearface';
import { count } from '../../model/format.ts';
import { dateAndTime, personName } from '../../model/person-words.ts';
import { useStore } from '../../state/store.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { NameForm } from '../../ui/name-form.tsx';
import { Problem } from '../../ui/problem.tsx';
import { PersonFaces } from './person-faces.tsx';

interface PersonDialogProps {
  readonly person: Person;
  readonly onClose: () => void;
}

/** Faces that are shown with each step. */
const STEP = 60;

/** One person: the name, all faces, and what can be done with them. */
export function PersonDialog({ person: opened, onClose }: PersonDialogProps): VNode {
  const { persons, engine, library } = useStore();
  const [faces, setFaces] = useState<readonly FaceRecord[]>([]);
  const [limit, setLimit] = useState(STEP);
  const [error, setError] = useState<unknown>();
  const person = persons.byId(opened.id) ?? opened;
  const version = library.version.value;
  useEffect(() => {
    let live = true;
    const load = async (): Promise<void> => {
      const page = await (await engine.ready()).people.faces(opened.id, { limit });
      if (live) setFaces(page.records);
    };
    // A person that is merged away or left without faces is not there any more.
    load().catch(() => live && onClose());
    return () => {
      live = false;
    };
  }, [limit, version]);
  const attempt = async (work: Promise<void>): Promise<boolean> => {
    try {
      await work;
      setError(undefined);
      return true;
    } catch (caught) {
      setError(caught);
      return false;
    }
  };
  return (
    <Dialog title={personName(person)} onClose={onClose} widest>
      <div class="stack-4">
        <PersonFacts person={person} />
        <NameForm
          label={person.named ? 'Name' : 'Who is this?'}
          action="Save"
          initial={person.meta}
          onName={(name) => persons.rename(person, name)}
        />
        {error !== undefined && <Problem error={error} />}
        <PersonFaces person={person} faces={faces} attempt={attempt} />
        {faces.length < person.faces && faces.length >= limit && (
          <div class="row center">
            <button type="button" class="button" onClick={() => setLimit(limit + STEP)}>
              Show more faces ({(person.faces - faces.length).toLocaleString('en')})
            </button>
          </div>
        )}
        <DeletePerson
          person={person}
          onDelete={async () => {
            if (await attempt(persons.remove(person))) onClose();
          }}
        />
      </div>
    </Dialog>
  );
}

function PersonFacts({ person }: { readonly person: Person }): VNode {
  const { history, route } = useStore();
  const { faces, sightings, firstSeen, lastSeen, friend } = person;
  return (
    <div class="row between">
      <p class="muted small">
        {friend && <span class="friend">★ Friend · </span>}
        {count(faces, 'face')} ·{' '}
        {sightings === 0 ? 'never seen by a camera' : `seen ${count(sightings, 'time')}`}
        {firstSeen !== null && ` · first ${dateAndTime(firstSeen)}`}
        {lastSeen !== null && lastSeen !== firstSeen && ` · last ${dateAndTime(lastSeen)}`}
      </p>
      {sightings > 0 && (
        <button
          type="button"
          class="button slim"
          onClick={() => {
            history.show({ personId: person.id });
            route.go('history');
          }}
        >
          When and where
        </button>
      )}
    </div>
  );
}

interface DeletePersonProps {
  readonly person: Person;
  readonly onDelete: () => Promise<void>;
}

function DeletePerson({ person, onDelete }: DeletePersonProps): VNode {
  const [sure, setSure] = useState(false);
  if (!sure)
    return (
      <div class="row">
        <button type="button" class="button" onClick={() => setSure(true)}>
          <Icon name="trash" />
          Delete this person…
        </button>
      </div>
    );
  return (
    <div class="row between">
      <p>
        Delete {personName(person)}, with {count(person.faces, 'face')} and{' '}
        {count(person.sightings, 'sighting')}? This cannot be undone.
      </p>
      <div class="row">
        <button type="button" class="button" onClick={() => setSure(false)}>
          Keep
        </button>
        <button type="button" class="button danger" onClick={() => void onDelete()}>
          Delete
        </button>
      </div>
    </div>
  );
}
