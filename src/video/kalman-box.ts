import type { Box } from '../core/types.ts';

/**
 * One step of the filter, in ms: a frame of film at 25 a second. The published noises are per frame; in between and beyond,
 * {@link predictFilter} takes the time that passed in these steps.
 */
export const STEP_MS = 40;

/** A value and how fast it changes, and their covariance. The rate is per {@link STEP_MS}. */
interface Line {
  readonly value: number;
  readonly rate: number;
  readonly valueVariance: number;
  readonly covariance: number;
  readonly rateVariance: number;
}

/**
 * A Kalman filter of a box as in SORT (Bewley et al., 2016) and OC-SORT (Cao et al., 2023): the centre x, y, the area s, the
 * rates of the three, and the ratio r = width / height, which is taken to stay. All noises are diagonal, so that the seven by
 * seven matrices fall apart into three of two by two and a number, and nothing is inverted. Immutable.
 */
export interface BoxFilter {
  readonly x: Line;
  readonly y: Line;
  readonly area: Line;
  readonly ratio: { readonly value: number; readonly variance: number };
}

/** Variances per step of the values and rates, and of a measurement: OC-SORT's, which are SORT's. */
const CENTRE_NOISE = { value: 1, rate: 0.01, measured: 1 };
const AREA_NOISE = { value: 1, rate: 0.0001, measured: 10 };
const RATIO_NOISE = { value: 1, measured: 10 };
const FIRST_VALUE_VARIANCE = 10;
/** Nothing is known of the rates at first. */
const FIRST_RATE_VARIANCE = 10_000;

type LineNoise = typeof CENTRE_NOISE;

/** The filter of a box that is seen for the first time. Its sides must be above 0. */
export function startFilter(box: Box): BoxFilter {
  const { x, y, area, ratio } = measure(box);
  return {
    x: startLine(x),
    y: startLine(y),
    area: startLine(area),
    ratio: { value: ratio, variance: FIRST_VALUE_VARIANCE },
  };
}

/**
 * The filter `steps` of {@link STEP_MS} later; for whole steps, the same as so many single ones. An area that would fall to 0
 * stays instead. Negative steps look back, without noise.
 */
export function predictFilter(filter: BoxFilter, steps: number): BoxFilter {
  const { area, ratio } = filter;
  const keeps = area.value + area.rate * steps <= 0;
  return {
    x: predictLine(filter.x, steps, CENTRE_NOISE),
    y: predictLine(filter.y, steps, CENTRE_NOISE),
    area: predictLine(keeps ? { ...area, rate: 0 } : area, steps, AREA_NOISE),
    ratio: { value: ratio.value, variance: ratio.variance + Math.max(0, steps) * RATIO_NOISE.value },
  };
}

/** The filter after a box was measured. */
export function updateFilter(filter: BoxFilter, box: Box): BoxFilter {
  const { x, y, area, ratio } = measure(box);
  const { value, variance } = filter.ratio;
  const gain = variance / (variance + RATIO_NOISE.measured);
  return {
    x: updateLine(filter.x, x, CENTRE_NOISE),
    y: updateLine(filter.y, y, CENTRE_NOISE),
    area: updateLine(filter.area, area, AREA_NOISE),
    ratio: { value: value + gain * (ratio - value), variance: variance * (1 - gain) },
  };
}

/**
 * The filter after a gap: it is taken along the straight way from the last box seen to the new one, as if it had been seen
 * there at each of `steps.length` moments (observation-centric re-update: OC-SORT §4.1), so that what it guessed meanwhile
 * leaves no trace.
 *
 * @param filter - as it was after `from` was measured
 * @param steps - time between the moments, in {@link STEP_MS}; the last ends at `to`
 */
export function refilter(filter: BoxFilter, from: Box, to: Box, steps: readonly number[]): BoxFilter {
  const whole = steps.reduce((sum, step) => sum + step, 0);
  let passed = 0;
  let result = filter;
  steps.forEach((step, i) => {
    passed += step;
    const isLast = i === steps.length - 1 || whole <= 0;
    const box = isLast ? to : between(from, to, passed / whole);
    result = updateFilter(predictFilter(result, step), box);
  });
  return result;
}

/** Where the filter takes the box to be. */
export function filteredBox({ x, y, area, ratio }: BoxFilter): Box {
  const shape = Math.max(ratio.value, 1e-3);
  const width = Math.sqrt(Math.max(area.value, 0) * shape);
  const height = width / shape;
  return { left: x.value - width / 2, top: y.value - height / 2, width, height };
}

/** The box at a share 0..1 of the straight way between two, about their centres. */
export function between(from: Box, to: Box, share: number): Box {
  const mix = (a: number, b: number): number => a + share * (b - a);
  return {
    left: mix(from.left, to.left),
    top: mix(from.top, to.top),
    width: mix(from.width, to.width),
    height: mix(from.height, to.height),
  };
}

function measure({ left, top, width, height }: Box): Record<'x' | 'y' | 'area' | 'ratio', number> {
  return { x: left + width / 2, y: top + height / 2, area: width * height, ratio: width / height };
}

function startLine(value: number): Line {
  return {
    value,
    rate: 0,
    valueVariance: FIRST_VALUE_VARIANCE,
    covariance: 0,
    rateVariance: FIRST_RATE_VARIANCE,
  };
}

/** The noises of n single steps in one: the sum of FᵏQ(Fᵏ)ᵀ for k < n. Below one step, its share of one. */
function predictLine(line: Line, n: number, noise: LineNoise): Line {
  const { rate, covariance, rateVariance } = line;
  const steps = Math.max(0, n);
  const inner = Math.max(0, steps - 1);
  const ofRate = noise.rate;
  return {
    value: line.value + rate * n,
    rate,
    valueVariance:
      line.valueVariance +
      2 * n * covariance +
      n * n * rateVariance +
      steps * noise.value +
      (ofRate * inner * steps * (2 * steps - 1)) / 6,
    covariance: covariance + n * rateVariance + (ofRate * steps * inner) / 2,
    rateVariance: rateVariance + steps * ofRate,
  };
}

function updateLine(line: Line, measured: number, noise: LineNoise): Line {
  const { valueVariance, covariance, rateVariance } = line;
  const sum = valueVariance + noise.measured;
  const off = measured - line.value;
  return {
    value: line.value + (valueVariance / sum) * off,
    rate: line.rate + (covariance / sum) * off,
    valueVariance: (valueVariance * noise.measured) / sum,
    covariance: (covariance * noise.measured) / sum,
    rateVariance: rateVariance - (covariance * covariance) / sum,
  };
}
