import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Face, Match } from 'nearface';
import { percent } from '../../model/format.ts';
import { LEVELS } from '../../model/thresholds.ts';
import type { Names, PhotoItem } from '../../state/photo-store.ts';
import { useStore } from '../../state/store.ts';
import { Crop } from '../../ui/crop.tsx';
import { Meter } from '../../ui/meter.tsx';
import { NameForm } from '../../ui/name-form.tsx';

interface FaceCardProps {
  readonly item: PhotoItem;
  readonly face: Face;
  readonly index: number;
  readonly names: Names;
}

/** One face: who it is, and when opened, its numbers and the form to enrol it. */
export function FaceCard({ item, face, index, names }: FaceCardProps): VNode {
  const { photo, announcement } = useStore();
  const open = photo.face.value === index;
  const card = useRef<HTMLDivElement>(null);
  const match = names.name;
  const title = match ? match.record.meta || 'no name' : `Face ${index + 1}`;
  useEffect(() => {
    if (open) card.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  return (
    <div ref={card} class={open ? 'face-card open' : 'face-card'}>
      <button
        type="button"
        class="face-card-head"
        aria-expanded={open}
        onClick={() => (photo.face.value = open ? undefined : index)}
      >
        {face.crop && <Crop crop={face.crop} label="" />}
        <span class="face-card-title">
          <strong class="ellipsis">{title}</strong>
          <span class="muted small">{match ? sureness(match) : 'not known · press to enrol'}</span>
        </span>
      </button>
      {open && (
        <div class="face-card-body stack-3">
          <NameForm
            key={`${item.key}-${index}`}
            label={match ? 'Add as another photo of' : 'Who is this?'}
            action="Enrol"
            initial={match?.record.meta ?? ''}
            focus
            onName={async (name) => {
              await photo.enrol(item, face, name);
              announcement.value = `${name} enrolled.`;
              photo.face.value = undefined;
              card.current?.querySelector('button')?.focus({ preventScroll: true });
            }}
          />
          <Numbers face={face} />
          {names.nearest.length > 0 && <Nearest matches={names.nearest} />}
        </div>
      )}
    </div>
  );
}

function sureness({ confidence, cosine }: Match): string {
  const raw = `cosine ${cosine.toFixed(3)}`;
  return confidence === undefined ? raw : `confidence ${percent(confidence)} · ${raw}`;
}

function Numbers({ face: { position, score, angle } }: { readonly face: Face }): VNode {
  const { left, top, width, height } = position;
  const degrees = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(0)}°`;
  return (
    <dl class="facts num-facts">
      <div>
        <dt>Box</dt>
        <dd class="num">
          {Math.round(width)} × {Math.round(height)} px at {Math.round(left)}, {Math.round(top)}
        </dd>
      </div>
      <div>
        <dt>Score</dt>
        <dd class="num">{score.toFixed(3)}</dd>
      </div>
      {angle && (
        <div>
          <dt>Angle</dt>
          <dd class="num">
            yaw {degrees(angle.yaw)}, pitch {degrees(angle.pitch)}, roll {degrees(angle.roll)}
          </dd>
        </div>
      )}
    </dl>
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
