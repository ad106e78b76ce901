import type { VNode } from 'preact';
import type { MeasuredRate, OwnCalibration } from 'nearface';
import { interval, measuredAt, share } from '../../model/rate-words.ts';
import { LEVELS } from '../../model/thresholds.ts';
import { useStore } from '../../state/store.ts';

/** What each named level means here. */
export function LevelTable({ calibration }: { readonly calibration: OwnCalibration }): VNode {
  const { settings } = useStore();
  return (
    <section class="panel stack-3" aria-label="Levels">
      <h2>What the levels mean here</h2>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Levels, as a table">
        <table class="table level-table">
          <thead>
            <tr>
              <th scope="col">Level</th>
              <th scope="col">From</th>
              <th scope="col">Two people taken for one</th>
              <th scope="col">One person not known again</th>
            </tr>
          </thead>
          <tbody>
            {LEVELS.toReversed().map(({ choice, label, confidence, meaning }) => {
              const point = measuredAt(calibration, confidence);
              return (
                <tr key={choice}>
                  <th scope="row">
                    {label}
                    {choice === calibration.recommended.name && <span class="tag">recommended</span>}
                    {choice === settings.threshold.value && <span class="tag">in use</span>}
                  </th>
                  <td class="num">{confidence.toFixed(4)}</td>
                  <td>
                    <RateCell rate={point?.falseMatch} />
                    <span class="muted small block">At large {meaning}</span>
                  </td>
                  <td>
                    <RateCell rate={point?.falseNonMatch} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="muted small">
        The intervals hold with 95 % certainty for people like these. Names are taken for the truth: a wrong
        name counts as an error, so look at the pairs below first.
      </p>
    </section>
  );
}

function RateCell({ rate }: { readonly rate: MeasuredRate | undefined }): VNode | null {
  if (!rate) return null;
  return (
    <>
      <strong class="num">{share(rate.rate)}</strong>
      <span class="small block">{interval(rate)}</span>
    </>
  );
}
