import type { VNode } from 'preact';
import type { Face } from 'nearface';
import { percent } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Meter } from '../../ui/meter.tsx';
import { Absent } from './absent.tsx';

/** Whether it is a face or a picture of one, as far as the photo tells. */
export function LivenessLines({ face: { liveness } }: { readonly face: Face }): VNode {
  const { settings } = useStore();
  return (
    <section class="stack-2" aria-label="Liveness">
      <h3>Liveness</h3>
      {liveness ? (
        <>
          <p>
            {liveness.value === 'live' ? 'Looks like a face' : 'Looks like a picture of a face'}:{' '}
            <span class="num">{percent(liveness.score)}</span>
          </p>
          <Meter value={liveness.score} label="Liveness" good={liveness.value === 'live'} />
        </>
      ) : settings.askLiveness.value ? (
        <p class="muted">Cannot be told: the face is too small, or too little around it is in the picture.</p>
      ) : (
        <Absent what="liveness" asked={settings.askLiveness} />
      )}
      <p class="muted small">
        Of a camera’s own picture. It was measured on prints; screens and masks were not, and photos from the
        web say little.
      </p>
    </section>
  );
}
