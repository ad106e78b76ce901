import type { MeasuredLevel, MeasuredPoint, MeasuredRate, OwnCalibration } from 'nearface';
import { LEVELS, type Level } from './thresholds.ts';

/** A share in per cent, with two digits that count: `0.060 %`, `3.7 %`, `17 %`. */
export function share(rate: number): string {
  const percent = 100 * rate;
  if (percent === 0) return '0 %';
  if (percent >= 99.95) return percent === 100 ? '100 %' : 'over 99.9 %';
  if (percent < 1e-6) return 'under 0.000001 %';
  const digits = Math.max(0, 1 - Math.floor(Math.log10(percent)));
  return `${percent.toFixed(digits)} %`;
}

/** Between what a rate lies. */
export function interval({ low, high, isKnown, errors }: MeasuredRate): string {
  if (isKnown) return `between ${share(low)} and ${share(high)}`;
  return errors === 0 ? `none seen; hardly above ${share(high)}` : `few seen; hardly above ${share(high)}`;
}

/** How many went wrong: `12 of 3,400 pairs`. */
export function tally({ errors, pairs }: MeasuredRate): string {
  return `${errors.toLocaleString('en')} of ${pairs.toLocaleString('en')} pairs`;
}

/** A place on the scale, with the level that stands there. */
export interface PlaceOnScale extends MeasuredPoint {
  readonly level?: Level;
}

/** What was measured at a confidence: of a named level its own, of any other the step's below it. */
export function measuredAt(calibration: OwnCalibration, confidence: number): PlaceOnScale | undefined {
  const { levels, curve } = calibration;
  const level = LEVELS.find((one) => one.confidence === confidence);
  const own: MeasuredLevel | undefined = levels.find(({ name }) => name === level?.choice);
  const point = own ?? curve.findLast((one) => one.confidence <= confidence);
  return point && { ...point, ...(level && { level }) };
}

/** Where the named level stands. */
export function confidenceOf(choice: Level['choice']): number {
  return LEVELS.find((level) => level.choice === choice)?.confidence ?? 0;
}
