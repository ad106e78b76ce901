import { DEFAULT_THRESHOLD, THRESHOLDS, type Threshold } from 'nearface';

/** The levels that the page offers. */
export type ThresholdChoice = 'strict' | 'default' | 'medium' | 'low' | 'fpir';

/** The share of strangers that may be given a name at all with the choice `fpir`. */
const FPIR = 0.01;

export function toThreshold(choice: ThresholdChoice): Threshold {
  if (choice === 'default') return DEFAULT_THRESHOLD;
  return choice === 'fpir' ? { fpir: FPIR } : choice;
}

/** A level of `confidence`, with what it means. */
export interface Level {
  readonly choice: Exclude<ThresholdChoice, 'fpir'>;
  readonly label: string;
  readonly confidence: number;
  /** What passes, in plain words. */
  readonly meaning: string;
}

/** The levels from the most to the least demanding. */
export const LEVELS: readonly Level[] = (
  [
    ['strict', 'Strict', THRESHOLDS.strict],
    ['default', 'Default', DEFAULT_THRESHOLD],
    ['medium', 'Medium', THRESHOLDS.medium],
    ['low', 'Low', THRESHOLDS.low],
  ] as const
).map(([choice, label, confidence]) => {
  const pairs = Math.round(1 / falseMatchRate(confidence));
  const meaning = `about 1 in ${round(pairs).toLocaleString('en')} pairs of different people would pass`;
  return { choice, label, confidence, meaning };
});

/** What the choice means for someone who is given a name. */
export function meaningOf(choice: ThresholdChoice): string {
  if (choice === 'fpir')
    return 'about 1 in 100 strangers would be given a name, whatever the size of the gallery';
  return LEVELS.find((level) => level.choice === choice)?.meaning ?? '';
}

/** The label of a choice, with its confidence. */
export function labelOf(choice: ThresholdChoice): string {
  const level = LEVELS.find((entry) => entry.choice === choice);
  return level ? `${level.label} (${level.confidence.toFixed(2)})` : 'By gallery size (1 % of strangers)';
}

/** The false match rate at a confidence: log-linear between the library's named levels. */
function falseMatchRate(confidence: number): number {
  const knots = [
    [THRESHOLDS.low, -1],
    [THRESHOLDS.medium, -3],
    [THRESHOLDS.strict, -5],
  ] as const;
  const [low, high] = confidence < THRESHOLDS.medium ? [knots[0], knots[1]] : [knots[1], knots[2]];
  const t = (confidence - low[0]) / (high[0] - low[0]);
  return 10 ** (low[1] + t * (high[1] - low[1]));
}

/** Two significant digits. */
function round(n: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1);
  return Math.round(n / unit) * unit;
}
