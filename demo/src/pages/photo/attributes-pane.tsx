import type { VNode } from 'preact';
import type { Age, Face } from 'nearface';
import {
  absentAttributes,
  attributeLines,
  emotionLines,
  whyNoEmotions,
} from '../../model/attribute-words.ts';
import { percent } from '../../model/format.ts';
import { useStore } from '../../state/store.ts';
import { Absent } from './absent.tsx';

/** What models estimate of the face, each with how sure they are. */
export function AttributesPane({ face: { attributes } }: { readonly face: Face }): VNode {
  const { settings } = useStore();
  if (!attributes) return <Absent what="look (age, emotions, glasses …)" asked={settings.askAttributes} />;
  const { age, emotions } = attributes;
  const absent = absentAttributes(attributes);
  const noEmotions = whyNoEmotions(attributes);
  return (
    <>
      <div class="lines">
        {age && <AgeLine age={age} />}
        {attributeLines(attributes).map(({ label, value, certainty = 0 }) => (
          <Line key={label} label={label} value={value} share={certainty} />
        ))}
      </div>
      {emotions && (
        <section class="stack-2">
          <h3>Emotions</h3>
          <div class="lines tight">
            {emotionLines(emotions).map(([name, share]) => (
              <Line key={name} label={name} share={share} />
            ))}
          </div>
        </section>
      )}
      {noEmotions && <p class="muted">{noEmotions}</p>}
      <p class="muted small">
        Bars: how certain the models are. Estimates, not facts; the model cards state the measured errors.
        {absent.length > 0 && ` Not in the answer: ${absent.join(', ')}.`}
      </p>
    </>
  );
}

interface LineProps {
  readonly label: string;
  readonly value?: string;
  readonly share: number;
}

function Line({ label, value, share }: LineProps): VNode {
  return (
    <div class={value === undefined ? 'line' : 'line valued'}>
      <span class="line-label">{label}</span>
      {value !== undefined && <span class="line-value">{value}</span>}
      <div
        class="thin-meter"
        role="meter"
        aria-label={value === undefined ? label : `Certainty of ${label.toLowerCase()}: ${value}`}
        aria-valuemin={0}
        aria-valuemax={1}
        aria-valuenow={Number(share.toFixed(3))}
        aria-valuetext={percent(share)}
      >
        <div style={{ width: `${share * 100}%` }} />
      </div>
      <span class="num small line-share" aria-hidden="true">
        {percent(share)}
      </span>
    </div>
  );
}

/** The oldest age that the scale shows, in years. */
const OLDEST = 90;

function AgeLine({ age: { value, lowerLimit, upperLimit } }: { readonly age: Age }): VNode {
  const at = (years: number): number => (100 * Math.min(OLDEST, Math.max(0, years))) / OLDEST;
  return (
    <div class="line valued">
      <span class="line-label">Age</span>
      <span class="line-value">{Math.round(value)} years</span>
      <div class="thin-meter" aria-hidden="true">
        <div style={{ marginLeft: `${at(lowerLimit)}%`, width: `${at(upperLimit) - at(lowerLimit)}%` }} />
      </div>
      <span class="num small line-share">
        {Math.round(lowerLimit)}–{Math.round(upperLimit)}
      </span>
    </div>
  );
}
