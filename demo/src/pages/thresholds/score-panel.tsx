import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { MeasuredRate, OwnCalibration } from 'nearface';
import { interval, measuredAt, share, tally } from '../../model/rate-words.ts';
import { LEVELS } from '../../model/thresholds.ts';
import { useStore } from '../../state/store.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ScoreCurves } from './score-curves.tsx';

/** The slider moves by the steps that were measured. */
const STEP = 1 / 200;

/** Both curves, a slider for the threshold, and what goes wrong at it. */
export function ScorePanel({ calibration }: { readonly calibration: OwnCalibration }): VNode | null {
  const { thresholds } = useStore();
  const id = useId();
  const place = thresholds.place.value;
  const point = measuredAt(calibration, place);
  if (!point) return null;
  const { falseMatch, falseNonMatch, level } = point;
  const name = level ? `${level.label}, ` : '';
  const spoken = `${name}${place.toFixed(3)}: ${share(falseMatch.rate)} of pairs of two people taken for one, ${share(falseNonMatch.rate)} of pairs of one person missed`;
  return (
    <section class="panel stack-3" aria-label="Scores">
      <div class="row between wrap-small">
        <h2>How alike the faces are</h2>
        <span class="score-legend small" aria-hidden="true">
          <span class="swatch impostor" /> two people
          <span class="swatch genuine" /> one person
        </span>
      </div>
      <div class="score-scale">
        <ScoreCurves histogram={calibration.histogram} place={place} />
        <label for={id} class="visually-hidden">
          Threshold
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={1 - STEP}
          step={STEP}
          value={place}
          aria-valuetext={spoken}
          onInput={({ currentTarget }) => (thresholds.place.value = currentTarget.valueAsNumber)}
        />
        <div class="score-ticks muted small" aria-hidden="true">
          {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
            <span key={tick} style={{ left: `${100 * tick}%` }}>
              {tick}
            </span>
          ))}
        </div>
      </div>
      <div class="row between wrap-small">
        <div class="row" role="group" aria-label="Levels">
          {LEVELS.toReversed().map(({ choice, label, confidence }) => (
            <button
              key={choice}
              type="button"
              class="button slim"
              aria-pressed={confidence === place}
              onClick={() => (thresholds.place.value = confidence)}
            >
              {label}
            </button>
          ))}
        </div>
        <CopyButton label="Copy as code" text={() => codeOf(place, level?.choice)} />
      </div>
      <p class="score-place">
        At a confidence of <strong class="num">{place.toFixed(level ? 4 : 3)}</strong>
        {level && ` (${level.label.toLowerCase()})`}
      </p>
      <div class="rates">
        <Rate kind="impostor" title="Two people taken for one" rate={falseMatch} />
        <Rate kind="genuine" title="One person not known again" rate={falseNonMatch} />
      </div>
    </section>
  );
}

function codeOf(confidence: number, choice: string | undefined): string {
  const named = choice !== undefined && choice !== 'default';
  const threshold = named ? `'${choice}'` : String(Number(confidence.toFixed(3)));
  return `await gallery.identify(photo, { threshold: ${threshold} });`;
}

interface RateProps {
  readonly kind: 'impostor' | 'genuine';
  readonly title: string;
  readonly rate: MeasuredRate;
}

function Rate({ kind, title, rate }: RateProps): VNode {
  return (
    <div class={`rate ${kind}`}>
      <h3>{title}</h3>
      <p class="rate-figure">{share(rate.rate)}</p>
      <p class="small">{interval(rate)}</p>
      <p class="muted small">{tally(rate)}</p>
    </div>
  );
}
