import type { VNode } from 'preact';
import type { Person } from 'nearface';
import { labelOf } from '../../model/thresholds.ts';
import type { PersonSearch } from '../../state/persons-store.ts';
import { useStore } from '../../state/store.ts';
import { Crop } from '../../ui/crop.tsx';
import { PersonTile } from '../../ui/person-tile.tsx';
import { Problem } from '../../ui/problem.tsx';

interface PhotoResultsProps {
  readonly found: PersonSearch;
  readonly onOpen: (person: Person) => void;
}

/** For each face of a photo, the people it may be, each with the face of theirs that is most like it. */
export function PhotoResults({ found, onOpen }: PhotoResultsProps): VNode {
  const { persons, settings } = useStore();
  return (
    <section class="stack-4" aria-label="Search by photo" aria-live="polite">
      <div class="row between">
        <h2>Matches for {found.name}</h2>
        <button type="button" class="button" onClick={persons.endPhotoSearch}>
          Back to everyone
        </button>
      </div>
      {found.busy && <p class="muted">Searching…</p>}
      {found.error !== undefined && <Problem error={found.error} />}
      {!found.busy && found.error === undefined && found.faces.length === 0 && (
        <p>No face was found in this photo.</p>
      )}
      {found.faces.map(({ face, matches }, i) => (
        <div key={i} class="panel probe">
          {face.crop && <Crop crop={face.crop} label={`Face ${i + 1} of the photo`} />}
          {matches.length === 0 ? (
            <p class="muted">Nobody at or above the threshold {labelOf(settings.threshold.value)}.</p>
          ) : (
            <ul class="face-grid">
              {matches.map((match) => (
                <li key={match.person.id}>
                  <PersonTile match={match} onOpen={() => onOpen(match.person)} />
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
    </section>
  );
}
