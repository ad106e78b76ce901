import type { VNode } from 'preact';
import { useStore } from '../../state/store.ts';
import { PersonTile } from '../../ui/person-tile.tsx';
import { Problem } from '../../ui/problem.tsx';

/** Who the photo that was searched by may show. */
export function PhotoProbe(): VNode | null {
  const { history } = useStore();
  const probe = history.probe.value;
  if (!probe) return null;
  const { name, busy, matches, error } = probe;
  const chosen = history.filter.value.personId;
  return (
    <section class="panel stack-3" aria-label="Search by photo" aria-live="polite">
      <div class="row between">
        <h2>Who is in {name}?</h2>
        <button type="button" class="button" onClick={history.endPhotoSearch}>
          Done
        </button>
      </div>
      {busy && <p class="muted">Searching…</p>}
      {error !== undefined && <Problem error={error} />}
      {!busy && error === undefined && matches.length === 0 && (
        <p>Nobody who is known looks like this photo, strangers that were seen among them.</p>
      )}
      {matches.length > 0 && (
        <ul class="face-grid">
          {matches.map((match) => (
            <li key={match.person.id}>
              <PersonTile
                match={match}
                isChosen={match.person.id === chosen}
                onOpen={() => (history.filter.value = { ...history.filter.value, personId: match.person.id })}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
