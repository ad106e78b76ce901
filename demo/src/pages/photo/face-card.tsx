import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Face, Match } from 'nearface';
import { inShort } from '../../model/attribute-words.ts';
import { percent } from '../../model/format.ts';
import { judge, type Judgement } from '../../model/gates.ts';
import type { Names } from '../../state/photo-analysis.ts';
import type { PhotoItem } from '../../state/photo-item.ts';
import type { FacePane } from '../../state/photo-store.ts';
import { useStore } from '../../state/store.ts';
import { Crop } from '../../ui/crop.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Tabs, type Tab } from '../../ui/tabs.tsx';
import { AttributesPane } from './attributes-pane.tsx';
import { LivenessLines } from './liveness-lines.tsx';
import { NumbersPane } from './numbers-pane.tsx';
import { QualityPane } from './quality-pane.tsx';
import { WhoPane } from './who-pane.tsx';

interface FaceCardProps {
  readonly item: PhotoItem;
  readonly face: Face;
  readonly index: number;
  readonly names: Names;
}

/** One face: who it is and what it looks like in a line, and when opened, everything that is known of it. */
export function FaceCard({ item, face, index, names }: FaceCardProps): VNode {
  const { photo, settings } = useStore();
  const open = photo.face.value === index;
  const card = useRef<HTMLDivElement>(null);
  const match = names.name;
  const title = match ? match.record.meta || 'no name' : `Face ${index + 1}`;
  const judgement = judge(face, settings.gate.value);
  const looks = face.attributes ? inShort(face.attributes) : '';
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
          {looks && <span class="small ellipsis">{looks}</span>}
        </span>
        {judgement && <Verdict judgement={judgement} />}
      </button>
      {open && (
        <div class="face-card-body">
          <Tabs
            label={`About ${title}`}
            tabs={tabsOf(judgement)}
            chosen={photo.pane.value}
            onChoose={(pane) => (photo.pane.value = pane)}
          >
            {photo.pane.value === 'who' && (
              <WhoPane
                item={item}
                face={face}
                names={names}
                onLast={() => card.current?.querySelector('button')?.focus({ preventScroll: true })}
              />
            )}
            {photo.pane.value === 'quality' && <QualityPane face={face} judgement={judgement} />}
            {photo.pane.value === 'attributes' && (
              <>
                <AttributesPane face={face} />
                <LivenessLines face={face} />
              </>
            )}
            {photo.pane.value === 'numbers' && <NumbersPane face={face} />}
          </Tabs>
        </div>
      )}
    </div>
  );
}

function Verdict({ judgement: { ok, gate } }: { readonly judgement: Judgement }): VNode {
  return (
    <span class={`verdict-mark ${ok ? 'ok' : 'bad'}`}>
      <Icon name={ok ? 'check' : 'warning'} />
      <span class="visually-hidden">{ok ? `, passes ${gate}` : `, falls short of ${gate}`}</span>
    </span>
  );
}

function tabsOf(judgement: Judgement | undefined): readonly Tab<FacePane>[] {
  const short = judgement && !judgement.ok ? `falls short of ${judgement.gate}` : undefined;
  return [
    { name: 'who', label: 'Who' },
    { name: 'quality', label: 'Quality', alert: short },
    { name: 'attributes', label: 'Attributes' },
    { name: 'numbers', label: 'Numbers' },
  ];
}

function sureness({ confidence, cosine }: Match): string {
  const raw = `cosine ${cosine.toFixed(3)}`;
  return confidence === undefined ? raw : `confidence ${percent(confidence)} · ${raw}`;
}
