import type { VNode } from 'preact';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';

/** The open photos, to switch between and to close. */
export function FilmStrip(): VNode {
  const { photo } = useStore();
  const items = photo.items.value;
  const selected = photo.selected.value;
  return (
    <ul class="film-strip" aria-label="Open photos">
      {items.map((item) => (
        <li key={item.key} class={item === selected ? 'film current' : 'film'}>
          <button
            type="button"
            class="film-open"
            aria-pressed={item === selected}
            aria-label={`Show ${item.name}`}
            onClick={() => photo.select(item)}
          >
            {item.state.value.kind === 'failed' ? (
              <span class="film-bad">
                <Icon name="warning" />
              </span>
            ) : (
              <img src={item.url} alt="" />
            )}
          </button>
          <button
            type="button"
            class="film-close"
            aria-label={`Close ${item.name}`}
            onClick={() => photo.close(item)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
