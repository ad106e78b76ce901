import type { VNode } from 'preact';
import type { Person } from 'nearface';
import { percent } from '../../model/format.ts';
import { personName } from '../../model/person-words.ts';
import { labelOf } from '../../model/thresholds.ts';
import type { PersonSearch } from '../../state/persons-store.ts';
import { useStore } from '../../state/store.ts';
import { Crop } from '../../ui/crop.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';

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
              {matches.map(({ person, record, confidence, cosine }) => (
                <li key={person.id}>
                  <button type="button" class="face-tile" onClick={() => onOpen(person)}>
                    <Thumbnail record={record} />
                    <span class="ellipsis">{personName(person)}</span>
                    <span class="muted small num">
                      {confidence === undefined ? cosine.toFixed(3) : percent(confidence)}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
    </section>
  );
}
