import type { VNode } from 'preact';
import type { Face } from 'nearface';
import {
  allowedBy,
  GATES,
  shortfallWords,
  tooSmallWords,
  type GateChoice,
  type Judgement,
} from '../../model/gates.ts';
import { QUALITY_GROUPS, type QualityItem } from '../../model/quality-words.ts';
import { useStore } from '../../state/store.ts';
import { Icon } from '../../ui/icon.tsx';
import { RangeMeter } from '../../ui/range-meter.tsx';
import { Select } from '../../ui/select.tsx';
import { Absent } from './absent.tsx';

interface QualityPaneProps {
  readonly face: Face;
  /** What the chosen gate says, if there is one and the face was measured. */
  readonly judgement: Judgement | undefined;
}

/** How fit the face is for recognition, item by item, against the chosen gate. */
export function QualityPane({ face, judgement }: QualityPaneProps): VNode {
  const { settings } = useStore();
  if (!face.quality) return <Absent what="quality" asked={settings.askQuality} />;
  const tooSmall = tooSmallWords(face);
  return (
    <>
      <Select<GateChoice>
        label="Hold against"
        value={settings.gate.value}
        options={GATES.map(({ choice, label }) => [choice, label])}
        onChange={(gate) => (settings.gate.value = gate)}
      />
      {judgement && <Outcome judgement={judgement} />}
      {tooSmall && (
        <p class="gate-outcome bad">
          <Icon name="warning" /> {tooSmall}
        </p>
      )}
      {QUALITY_GROUPS.map(({ title, items }) => (
        <section key={title} class="stack-2">
          <h3>{title}</h3>
          <div class="ranges">
            {items.map((item) => (
              <Row key={item.item} item={item} face={face} judgement={judgement} />
            ))}
          </div>
        </section>
      ))}
      {judgement && <p class="muted small">The green line under a bar is what {judgement.gate} allows.</p>}
    </>
  );
}

function Outcome({ judgement: { ok, gate, shortfalls } }: { readonly judgement: Judgement }): VNode {
  if (ok) {
    return (
      <p class="gate-outcome ok">
        <Icon name="check" /> Passes {gate}
      </p>
    );
  }
  return (
    <div class="gate-outcome bad">
      <Icon name="warning" />
      <div>
        <p>Falls short of {gate}:</p>
        <ul class="shortfalls">
          {shortfalls.map((shortfall) => (
            <li key={shortfall.item}>{shortfallWords(shortfall)}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

interface RowProps extends QualityPaneProps {
  readonly item: QualityItem;
}

function Row({ item, face, judgement }: RowProps): VNode {
  const { settings } = useStore();
  const value = item.value(face);
  const bad = judgement?.shortfalls.some((shortfall) => shortfall.item === item.item) ?? false;
  return (
    <div class={bad ? 'range bad' : 'range'}>
      <span class="range-label">{item.label}</span>
      {value === undefined ? (
        <span class="muted small">absent</span>
      ) : (
        <RangeMeter
          label={item.label}
          value={value}
          text={item.text(value)}
          min={item.min}
          max={item.max}
          allowed={allowedBy(settings.gate.value, item.item)}
          bad={bad}
        />
      )}
      <span class="num small range-value" aria-hidden="true">
        {value === undefined ? '' : item.text(value)}
      </span>
    </div>
  );
}
