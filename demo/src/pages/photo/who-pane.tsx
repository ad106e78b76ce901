import type { VNode } from 'preact';
import type { Face, Match } from 'nearface';
import { percent } from '../../model/format.ts';
import { LEVELS } from '../../model/thresholds.ts';
import type { Names } from '../../state/photo-analysis.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import { useStore } from '../../state/store.ts';
import { Meter } from '../../ui/meter.tsx';
import { NameForm } from '../../ui/name-form.tsx';

interface WhoPaneProps {
  readonly item: PhotoItem;
  readonly face: Face;
  readonly names: Names;
  /** Called when the face is stored and no unknown one follows it. */
  readonly onLast: () => void;
}

/** A form to enrol the face, and who it is most like. */
export function WhoPane({ item, face, names: { name: match, nearest }, onLast }: WhoPaneProps): VNode {
  const { photo, announcement } = useStore();
  return (
    <>
      <NameForm
        key={item.key}
        label={match ? 'Add as another photo of' : 'Who is this?'}
        action="Enrol"
        initial={match?.record.meta ?? ''}
        focus
        onName={async (name) => {
          await photo.enrol(item, face, name);
          const moved = photo.moveOnFrom(item, face);
          const next = photo.face.value;
          const then = moved && next !== undefined ? ` Next: face ${next + 1}.` : '';
          announcement.value = `${name} enrolled.${then}`;
          if (moved && next === undefined) onLast();
        }}
      />
      {nearest.length > 0 && <Nearest matches={nearest} />}
    </>
  );
}

function Nearest({ matches }: { readonly matches: readonly Match[] }): VNode {
  return (
    <div class="stack-2">
      <h3>Most alike in the gallery</h3>
      <ul class="stack-2">
        {matches.map(({ record, confidence, cosine }) => (
          <li key={record.id} class="nearest">
            <span class="ellipsis">{record.meta || 'no name'}</span>
            <span class="num small">
              {confidence === undefined ? '' : `${percent(confidence)} · `}
              {cosine.toFixed(3)}
            </span>
            {confidence !== undefined && (
              <Meter
                value={confidence}
                label={`Confidence that this is ${record.meta || 'that face'}`}
                marks={LEVELS}
              />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
