/** Error rates of telling presentation attacks, by the terms of ISO/IEC 30107-3. */
import { mean } from '../harness/averages.ts';

/** A face before the camera, or a picture of one, and what was said of it; no score: it could not be told, or no face was found. */
export interface Presented {
  readonly subject: string;
  readonly live: boolean;
  readonly score?: number | undefined;
}

/** Rates at one threshold; NaN where there was nothing of a kind. */
export interface AttackErrors {
  readonly threshold: number;
  readonly attacks: number;
  readonly bonaFide: number;
  /** Attack presentation classification error rate: attacks that were taken for live. */
  readonly apcer: number;
  /** Bona fide presentation classification error rate: live faces that were not taken for live, those that could not be told included. */
  readonly bpcer: number;
  /** The mean of both. */
  readonly acer: number;
  /** Attack and bona fide presentation non-response rates: of which nothing was told. */
  readonly apnrr: number;
  readonly bpnrr: number;
}

/** What a gate at `threshold` gets wrong: what it is not told does not pass it. */
export function errorsAt(presented: readonly Presented[], threshold: number): AttackErrors {
  const passes = ({ score }: Presented): boolean => score !== undefined && score >= threshold;
  const attacks = presented.filter(({ live }) => !live);
  const bonaFide = presented.filter(({ live }) => live);
  const apcer = mean(attacks.map((one) => Number(passes(one))));
  const bpcer = mean(bonaFide.map((one) => Number(!passes(one))));
  const untold = ({ score }: Presented): number => Number(score === undefined);
  return {
    ...{ threshold, attacks: attacks.length, bonaFide: bonaFide.length, apcer, bpcer },
    acer: (apcer + bpcer) / 2,
    apnrr: mean(attacks.map(untold)),
    bpnrr: mean(bonaFide.map(untold)),
  };
}

/** The lowest threshold that at most the share `apcer` of the attacks passes: just above the score of the first that must not. */
export function thresholdFor(presented: readonly Presented[], apcer: number): number {
  const attacks = presented.filter(({ live }) => !live);
  const scores = attacks.flatMap(({ score }) => score ?? []).sort((a, b) => b - a);
  const allowed = Math.floor(apcer * attacks.length + 1e-9);
  const first = scores[allowed];
  return first === undefined ? 0 : first + 1e-6 * Math.max(1e-6, 1 - first);
}

/** Each subject judged by the threshold of all the others. */
export function leaveOneOut(
  presented: readonly Presented[],
  apcer: number,
): readonly (AttackErrors & { readonly subject: string })[] {
  const subjects = [...new Set(presented.map(({ subject }) => subject))].sort();
  return subjects.map((subject) => {
    const others = presented.filter((one) => one.subject !== subject);
    const own = presented.filter((one) => one.subject === subject);
    return { subject, ...errorsAt(own, thresholdFor(others, apcer)) };
  });
}

/** The rates of all subjects together, each at its own threshold. */
export function pooled(rows: readonly AttackErrors[]): Omit<AttackErrors, 'threshold'> {
  const sum = (of: (row: AttackErrors) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const attacks = sum((row) => row.attacks);
  const bonaFide = sum((row) => row.bonaFide);
  const apcer = sum((row) => row.apcer * row.attacks) / attacks;
  const bpcer = sum((row) => row.bpcer * row.bonaFide) / bonaFide;
  return {
    ...{ attacks, bonaFide, apcer, bpcer, acer: (apcer + bpcer) / 2 },
    apnrr: sum((row) => row.apnrr * row.attacks) / attacks,
    bpnrr: sum((row) => row.bpnrr * row.bonaFide) / bonaFide,
  };
}
