import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { fetchSample, SAMPLES } from '../../model/samples.ts';
import { isNamed } from '../../state/sightings.ts';
import { useStore } from '../../state/store.ts';
import { Problem } from '../../ui/problem.tsx';

/** The photos in which whoever was enrolled last is seen again, to be opened; nothing while there are none. */
export function SeenAgain(): VNode | null {
  const { photo, library } = useStore();
  const [error, setError] = useState<unknown>();
  const last = photo.sightings.value;
  if (!last || !library.metas.value.some(({ meta }) => meta === last.who)) return null;

  const { who, from, looking } = last;
  const open = photo.items.value.filter(({ state: { value: state } }) => {
    return state.kind === 'done' && state.names.some((names) => isNamed(names, who));
  });
  const found = [...open, ...last.samples].map(({ name }) => name).filter((name) => name !== from.name);
  const places = [...new Set(found)].sort();
  const show = async (name: string): Promise<void> => {
    const item = photo.items.value.find((one) => one.name === name);
    const sample = SAMPLES.find((one) => one.name === name);
    try {
      if (item) photo.select(item);
      else if (sample) photo.open([await fetchSample(sample)]);
      setError(undefined);
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <section class="seen-again stack-2" aria-label="Seen again">
      <p role="status" class="small">
        {places.length > 0 && `${who} is seen again in:`}
        {places.length === 0 && looking && `Looking for ${who} in the samples…`}
      </p>
      {places.length > 0 && (
        <ul class="row">
          {places.map((name) => (
            <li key={name}>
              <button
                type="button"
                class="button small"
                aria-pressed={photo.selected.value?.name === name}
                onClick={() => void show(name)}
              >
                {placeName(name)}
              </button>
            </li>
          ))}
        </ul>
      )}
      {error !== undefined && <Problem error={error} />}
    </section>
  );
}

/** `sample3.jpg` as `Sample 3`. */
function placeName(file: string): string {
  const at = SAMPLES.findIndex(({ name }) => name === file);
  return at < 0 ? file : `Sample ${at + 1}`;
}
