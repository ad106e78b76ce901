/** Width and height of the curves' drawing, in its own units; the page stretches it. */
export const CURVE_SIZE = { width: 1000, height: 260 } as const;

/** Room above the highest point. */
const HEADROOM = 12;

/** A histogram as a curve that is smoothed over `reach` steps to each side by triangular weights, its highest point 1. */
export function smoothed(bins: readonly number[], reach: number): readonly number[] {
  const values = bins.map((_, at) => {
    let [sum, weights] = [0, 0];
    for (let i = Math.max(0, at - reach); i <= Math.min(bins.length - 1, at + reach); i++) {
      const weight = reach + 1 - Math.abs(i - at);
      sum += weight * (bins[i] as number);
      weights += weight;
    }
    return sum / weights;
  });
  const highest = Math.max(...values);
  return highest > 0 ? values.map((value) => value / highest) : values;
}

/** The area under a curve from one place to another, 0..1 of its length, as the path of an SVG. */
export function areaPath(values: readonly number[], from = 0, to = 1): string {
  if (!(from < to) || values.length === 0) return '';
  const { width, height } = CURVE_SIZE;
  const at = (place: number): string => {
    // A value stands for the middle of its step.
    const exact = Math.min(values.length - 1, Math.max(0, place * values.length - 0.5));
    const [before, part] = [Math.floor(exact), exact % 1];
    const [a, b] = [values[before] as number, values[Math.min(values.length - 1, before + 1)] as number];
    const y = height - (a + part * (b - a)) * (height - HEADROOM);
    return `${round(place * width)} ${round(y)}`;
  };
  const between = values
    .map((_, i) => (i + 0.5) / values.length)
    .filter((place) => place > from && place < to);
  const points = [from, ...between, to].map(at);
  return `M${round(from * width)} ${height}L${points.join('L')}L${round(to * width)} ${height}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
