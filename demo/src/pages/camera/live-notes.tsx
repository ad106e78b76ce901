import type { VNode } from 'preact';
import { timeOfDay } from '../../model/person-words.ts';
import type { CameraTracks } from '../../state/camera-tracks.ts';
import { sightingName } from '../../state/history-store.ts';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';

/** What was noted in the history while the camera was on. */
export function LiveNotes({ tracks }: { readonly tracks: CameraTracks }): VNode {
  const { persons } = useStore();
  const notes = tracks.notes.value;
  return (
    <section class="stack-2" aria-label="Noted in the history">
      <div class="row between">
        <h3>Noted in the history</h3>
        <a href="#/history" class="small">
          All of it
        </a>
      </div>
      {tracks.error.value !== undefined && <Problem error={tracks.error.value} />}
      {notes.length === 0 && <p class="muted small">Nobody yet.</p>}
      <ul class="live-notes">
        {notes.map(({ sighting, trackId }) => {
          const track = tracks.list.value.find(({ id }) => id === trackId);
          const person = sighting.personId === undefined ? undefined : persons.byId(sighting.personId);
          return (
            <li key={sighting.id}>
              <span class="ellipsis">
                {track?.friend && <span class="friend">★ </span>}
                {track?.name || (person ? sightingName(sighting, person) : sighting.meta || 'Somebody new')}
              </span>
              <time class="muted num small" dateTime={new Date(sighting.timeMs).toISOString()}>
                {timeOfDay(sighting.timeMs)}
              </time>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
