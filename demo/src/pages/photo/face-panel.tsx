import type { VNode } from 'preact';
import { count, milliseconds } from '../../model/format.ts';
import { labelOf } from '../../model/thresholds.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { StageTimes } from '../../ui/stage-times.tsx';
import { FaceCard } from './face-card.tsx';
import { SeenAgain } from './seen-again.tsx';

/** The faces of a photo with their numbers, and how long it took. */
export function FacePanel({ item }: { readonly item: PhotoItem }): VNode {
  const { settings, library } = useStore();
  const state = item.state.value;
  return (
    <aside class="panel stack-4" aria-label="Faces">
      <div>
        <h2>
          {state.kind === 'done' && count(state.detection.faces.length, 'face')}
          {state.kind === 'waiting' && 'Faces'}
        </h2>
        <p class="muted small">
          Names from gallery “{settings.gallery.value}” ({count(library.inUse.value?.count ?? 0, 'face')}),
          threshold {labelOf(settings.threshold.value)}
        </p>
      </div>
      <SeenAgain />
      {state.kind === 'waiting' && <p class="muted">Looking for faces…</p>}
      {state.kind === 'done' && state.detection.faces.length === 0 && (
        <p>No face was found. Try a photo where faces are larger, sharper or less turned away.</p>
      )}
      {state.kind === 'done' && (
        <ul class="stack-2">
          {state.detection.faces.map((face, i) => (
            <li key={i}>
              <FaceCard item={item} face={face} index={i} names={state.names[i] ?? { nearest: [] }} />
            </li>
          ))}
        </ul>
      )}
      {state.kind === 'done' && (
        <section class="stack-2" aria-label="Time">
          <h3>Time</h3>
          <p class="small">This picture: {milliseconds(state.ms)} from the call to its answer.</p>
          <StageTimes timings={state.timings} />
        </section>
      )}
    </aside>
  );
}
