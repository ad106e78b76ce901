import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PersonMatch } from 'nearface';
import { likeness, percent } from '../../model/format.ts';
import { personName, videoTime } from '../../model/person-words.ts';
import type { VideoAppearance } from '../../state/video-appearances.ts';
import { useStore } from '../../state/store.ts';
import { Meter } from '../../ui/meter.tsx';
import { Problem } from '../../ui/problem.tsx';

/** The appearance that was chosen: when, how well seen, and who else it might be. */
export function AppearancePanel({ onJump }: { readonly onJump: (timeMs: number) => void }): VNode {
  const { video } = useStore();
  const one = video.selected.value;
  const lane = video.lanes.value.find(({ appearances }) =>
    appearances.some(({ trackId }) => trackId === one?.trackId),
  );
  return (
    <aside class="panel stack-4" aria-label="The appearance">
      {one && lane ? (
        <>
          <div class="face-detail appearance-head">
            <img class="thumbnail" src={one.url} alt="" />
            <div class="stack-2">
              <h2>{lane.name}</h2>
              <p class="row nowrap">
                <button type="button" class="button slim num" onClick={() => onJump(one.startMs)}>
                  {videoTime(one.startMs, true)}
                </button>
                to
                <button type="button" class="button slim num" onClick={() => onJump(one.endMs)}>
                  {videoTime(one.endMs, true)}
                </button>
              </p>
              <p class="muted small">
                Frames {one.firstFrame.toLocaleString('en')} to {one.lastFrame.toLocaleString('en')}
                {one.quality !== undefined && `, best shot ${percent(one.quality)}`}
              </p>
            </div>
          </div>
          <Alternatives key={one.trackId} appearance={one} />
        </>
      ) : (
        <>
          <h2>Nothing chosen</h2>
          <p class="muted">
            Press a bar of the timeline: the player goes there, and this tells who else it might be.
          </p>
        </>
      )}
    </aside>
  );
}

function Alternatives({ appearance }: { readonly appearance: VideoAppearance }): VNode {
  const { video, library } = useStore();
  const [matches, setMatches] = useState<readonly PersonMatch[]>();
  const [error, setError] = useState<unknown>();
  const version = library.version.value;
  useEffect(() => {
    let live = true;
    video.alternatives(appearance).then(
      (found) => live && setMatches(found),
      (caught: unknown) => live && setError(caught),
    );
    return () => {
      live = false;
    };
  }, [appearance.trackId, version]);
  return (
    <section class="stack-2" aria-label="Who else it might be">
      <h3>Who else it might be</h3>
      {error !== undefined && <Problem error={error} />}
      {matches?.length === 0 && <p class="muted small">Nobody is known to compare with.</p>}
      <ol class="alternatives">
        {matches?.map(({ person, cosine, confidence }) => (
          <li key={person.id}>
            <span class="ellipsis">{personName(person)}</span>
            <Meter
              value={confidence ?? Math.max(0, cosine)}
              label={`Confidence that it is ${personName(person)}`}
              good={(confidence ?? 0) >= 0.75}
            />
            <span class="num small">
              {likeness({ cosine, ...(confidence !== undefined && { confidence }) })}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
