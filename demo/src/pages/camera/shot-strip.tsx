import type { VNode } from 'preact';
import { percent } from '../../model/format.ts';
import type { CameraTracks } from '../../state/camera-tracks.ts';

interface ShotStripProps {
  readonly tracks: CameraTracks;
  readonly selected: number | undefined;
  readonly onSelect: (trackId: number) => void;
}

/** The best shot of each who was in the picture, the newest first; a press asks for the name. */
export function ShotStrip({ tracks, selected, onSelect }: ShotStripProps): VNode {
  const shown = tracks.list.value;
  return (
    <section class="panel stack-2" aria-label="Best shots">
      <h2>Best shots</h2>
      {shown.length === 0 ? (
        <p class="muted small">The best look at each face is kept here while the camera is on.</p>
      ) : (
        <ul class="shot-strip" tabIndex={-1}>
          {shown.map(({ id, name, url, shot, friend, isHere }) => (
            <li key={id}>
              <button
                type="button"
                class={`face-tile${selected === id ? ' chosen' : ''}${isHere ? '' : ' gone'}`}
                aria-label={`${name || 'Not known'}, quality ${percent(shot.score)}`}
                onClick={() => onSelect(id)}
              >
                <img class="thumbnail" src={url} alt="" />
                <span class="ellipsis">
                  {friend && <span class="friend">★ </span>}
                  {name || '?'}
                </span>
                <span class="muted small num">{percent(shot.score)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
