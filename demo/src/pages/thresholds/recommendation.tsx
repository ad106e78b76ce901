import type { VNode } from 'preact';
import { interval, measuredAt, share } from '../../model/rate-words.ts';
import { LEVELS } from '../../model/thresholds.ts';
import { useStore } from '../../state/store.ts';
import type { Measurement } from '../../state/thresholds-store.ts';
import { Icon } from '../../ui/icon.tsx';

/** Which level to take, and a way to take it. */
export function Recommendation({ measured }: { readonly measured: Measurement }): VNode | null {
  const { settings, announcement } = useStore();
  const { calibration, falseMatchRate } = measured;
  const { name, meets } = calibration.recommended;
  const level = LEVELS.find(({ choice }) => choice === name);
  const point = level && measuredAt(calibration, level.confidence);
  if (!point) return null;
  const isInUse = settings.threshold.value === name;
  const allowed = share(falseMatchRate);
  return (
    <section class={`panel recommendation${meets ? '' : ' unsure'}`} aria-label="Recommendation">
      <Icon name={meets ? 'check' : 'warning'} />
      <div class="stack-2">
        <h2>
          {meets ? `Take ${level.label}` : `No level surely stays below ${allowed}: take ${level.label}`}
        </h2>
        <p>
          {meets
            ? `Of the levels that surely take two people for one in no more than ${allowed} of pairs, it misses fewest: `
            : `Too few errors were seen to be sure, or there are too many. The strictest level misses `}
          {share(point.falseNonMatch.rate)} of pairs of one person ({interval(point.falseNonMatch)}).
        </p>
      </div>
      {isInUse ? (
        <span class="tag">in use</span>
      ) : (
        <button
          type="button"
          class="button primary"
          onClick={() => {
            settings.threshold.value = name;
            announcement.value = `${level.label} is the threshold of all pages now.`;
          }}
        >
          Use {level.label}
        </button>
      )}
    </section>
  );
}
