import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { ConfidenceHistogram } from 'nearface';
import { areaPath, CURVE_SIZE, smoothed } from '../../model/score-curve.ts';
import { LEVELS } from '../../model/thresholds.ts';

/** Steps to each side over which pairs are smoothed. */
const REACH = 4;

interface ScoreCurvesProps {
  readonly histogram: ConfidenceHistogram;
  /** The threshold, a confidence. */
  readonly place: number;
}

/** The scores of pairs of two people and of one, each as high as its kind; what the threshold gets wrong is hatched. */
export function ScoreCurves({ histogram, place }: ScoreCurvesProps): VNode {
  const id = useId();
  const { width, height } = CURVE_SIZE;
  const [impostor, genuine] = [smoothed(histogram.impostor, REACH), smoothed(histogram.genuine, REACH)];
  const hatch = `${id}-hatch`;
  return (
    <div class="score-curves">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <defs>
          <pattern id={hatch} width="8" height="8" patternUnits="userSpaceOnUse">
            <path d="M-2 2 2-2M0 8 8 0M6 10l4-4" class="hatch" />
          </pattern>
        </defs>
        <path d={areaPath(impostor)} class="curve impostor" />
        <path d={areaPath(genuine)} class="curve genuine" />
        <path d={areaPath(impostor, place, 1)} fill={`url(#${hatch})`} />
        <path d={areaPath(genuine, 0, place)} fill={`url(#${hatch})`} />
        {LEVELS.map(({ choice, confidence }) => (
          <path key={choice} d={`M${confidence * width} 0V${height}`} class="level-line" />
        ))}
        <path d={`M${place * width} 0V${height}`} class="place-line" />
      </svg>
      {LEVELS.map(({ choice, label, confidence }) => (
        <span
          key={choice}
          class={`level-name ${choice}`}
          style={{ left: `${100 * confidence}%` }}
          aria-hidden="true"
        >
          {label}
        </span>
      ))}
    </div>
  );
}
