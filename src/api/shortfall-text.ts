import type { EnrolShortfall } from '../core/quality-gate.ts';

const DIGITS = [2, 3, 4, 5, 6, 7, 8] as const;

/** A shortfall for a report, as in `sharpness 0.12, not 0.2 to 1`; the value with as many digits as tell it from the limit. */
export function shortfallText({ item, value, min, max }: EnrolShortfall): string {
  const texts = DIGITS.map((digits) => value.toFixed(digits));
  const text = texts.find((shown) => Number(shown) < min || Number(shown) > max) ?? String(value);
  return `${item} ${text}, not ${min} to ${max}`;
}
