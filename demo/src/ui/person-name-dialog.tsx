import type { VNode } from 'preact';
import type { Person } from 'nearface';
import { personName } from '../model/person-words.ts';
import { useStore } from '../state/store.ts';
import { Dialog } from './dialog.tsx';
import { NameForm } from './name-form.tsx';
import { PersonPicture } from './person-picture.tsx';

interface PersonNameDialogProps {
  readonly person: Person;
  readonly onClose: () => void;
}

/** Asks what somebody is called; it names all their sightings. */
export function PersonNameDialog({ person, onClose }: PersonNameDialogProps): VNode {
  const { persons } = useStore();
  return (
    <Dialog title={`Who is ${personName(person)}?`} onClose={onClose}>
      <div class="face-detail">
        <PersonPicture person={person} />
        <div class="stack-3">
          <NameForm
            label="Name"
            action="Save"
            initial={person.meta}
            focus
            onName={async (name) => {
              await persons.rename(person, name);
              onClose();
            }}
          />
          <p class="muted small">Every sighting of this person gets the name.</p>
        </div>
      </div>
    </Dialog>
  );
}
