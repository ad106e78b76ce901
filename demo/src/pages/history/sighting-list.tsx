import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Person, Sighting } from 'nearface';
import { dayInWords, dayOf } from '../../model/days.ts';
import { timeOfDay } from '../../model/person-words.ts';
import { sightingName } from '../../state/history-store.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useStoredPicture } from '../../ui/stored-picture.ts';
import { PersonPicture } from '../../ui/person-picture.tsx';
import { PersonNameDialog } from '../../ui/person-name-dialog.tsx';

/** The sightings, the newest first, under their days. */
export function SightingList(): VNode {
  const { history } = useStore();
  const [naming, setNaming] = useState<Person>();
  const [error, setError] = useState<unknown>();
  const byDay = new Map<string, Sighting[]>();
  for (const sighting of history.sightings.value) {
    const day = dayOf(sighting.timeMs);
    byDay.set(day, [...(byDay.get(day) ?? []), sighting]);
  }
  return (
    <div class="stack-3" aria-busy={history.loading.value}>
      {error !== undefined && <Problem error={error} />}
      {byDay.size === 0 && !history.loading.value && (
        <p class="muted">Nobody was seen under these conditions. “Show all” takes them away.</p>
      )}
      {[...byDay].map(([day, sightings]) => (
        <section key={day} class="panel stack-2">
          <h2>{dayInWords(day)}</h2>
          <ul class="sightings" aria-label={`Seen on ${dayInWords(day)}`}>
            {sightings.map((sighting) => (
              <SightingRow key={sighting.id} sighting={sighting} onName={setNaming} onError={setError} />
            ))}
          </ul>
        </section>
      ))}
      {history.hasMore.value && (
        <div class="row center">
          <button
            type="button"
            class="button"
            disabled={history.loading.value}
            onClick={() => void history.showMore()}
          >
            Show older ones
          </button>
        </div>
      )}
      {naming && <PersonNameDialog person={naming} onClose={() => setNaming(undefined)} />}
    </div>
  );
}

interface SightingRowProps {
  readonly sighting: Sighting;
  readonly onName: (person: Person) => void;
  readonly onError: (error: unknown) => void;
}

function SightingRow({ sighting, onName, onError }: SightingRowProps): VNode {
  const { history, persons, announcement } = useStore();
  const { id, personId, cameraId, timeMs, friend, pictures } = sighting;
  const person = personId === undefined ? undefined : persons.byId(personId);
  const name = sightingName(sighting, person);
  const camera = history.cameras.value.find((one) => one.id === cameraId);
  const remove = async (): Promise<void> => {
    try {
      await history.remove(id);
      announcement.value = `The sighting of ${name} was deleted.`;
    } catch (caught) {
      onError(caught);
    }
  };
  return (
    <li class="sighting">
      {pictures.length === 0 && person ? (
        <PersonPicture person={person} />
      ) : (
        <SightingPicture sighting={sighting} />
      )}
      <span class="sighting-who">
        {friend && (
          <span class="friend" title="A friend: seen often of late">
            ★ <span class="visually-hidden">Friend </span>
          </span>
        )}
        {person ? (
          <button
            type="button"
            class="link"
            title={`All sightings of ${name}`}
            onClick={() => (history.filter.value = { ...history.filter.value, personId: person.id })}
          >
            {name}
          </button>
        ) : (
          name
        )}
      </span>
      <span class="muted small sighting-where">{camera?.meta ?? cameraId ?? ''}</span>
      <time class="num small" dateTime={new Date(timeMs).toISOString()}>
        {timeOfDay(timeMs)}
      </time>
      <span class="row nowrap sighting-deeds">
        {person && !person.named && (
          <button type="button" class="button slim" onClick={() => onName(person)}>
            Name
          </button>
        )}
        <button
          type="button"
          class="button quiet square"
          aria-label={`Delete the sighting of ${name} at ${timeOfDay(timeMs)}`}
          onClick={() => void remove()}
        >
          <Icon name="trash" />
        </button>
      </span>
    </li>
  );
}

function SightingPicture({ sighting }: { readonly sighting: Sighting }): VNode {
  const { id, pictures } = sighting;
  const kind = pictures.includes('thumbnail') ? 'thumbnail' : pictures[0];
  const url = useStoredPicture(id, async (nf) => kind && nf.history.picture(id, kind));
  return url ? (
    <img class="thumbnail" src={url} alt="" />
  ) : (
    <span class="thumbnail empty" aria-hidden="true" />
  );
}
