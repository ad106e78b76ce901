import { number } from '../core/options.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type { Calibration } from '../core/manifest.ts';
import { byteReliability, roundReliability } from '../core/reliability.ts';
import type { SearchMatrix } from '../search/matrix.ts';
import type { Accepts } from '../search/scan.ts';
import type { Match } from '../search/top-k.ts';

/** A confidence that matches must reach, and the calibration that it is computed by. */
export interface LeastConfidence {
  readonly confidence: number;
  readonly calibration: Calibration;
}

/**
 * Scans keep what is so little below the level's cosine: far more than the cosine is rounded by, and than working it out is.
 * What then decides is the confidence itself.
 */
const HAIR = 1e-6;

/** What matches of some probes must reach, by the reliabilities of both faces. */
export class PairLevels {
  /** No match has a lower cosine. */
  readonly minCosine: number;
  readonly #matrix: SearchMatrix;
  readonly #least: number;
  readonly #confidence: PairConfidence;
  readonly #reliabilities: readonly number[];
  /** For each probe, the cosine that a face must have, by the byte of its reliability. */
  readonly #tables: readonly Float64Array[];

  /**
   * @param reliabilities - of the probes
   * @throws NearFaceError `BAD_PARAM`
   */
  constructor(
    matrix: SearchMatrix,
    confidence: PairConfidence,
    least: number,
    reliabilities: readonly number[],
  ) {
    this.#matrix = matrix;
    this.#least = least;
    this.#confidence = confidence;
    this.#reliabilities = reliabilities.map((reliability, i) =>
      roundReliability(number(0, 1)(reliability, `reliabilities[${i}]`)),
    );
    const tables = new Map<number, Float64Array>();
    this.#tables = this.#reliabilities.map((reliability) => {
      const table = tables.get(reliability) ?? confidence.levelsFor(least, reliability).map((x) => x - HAIR);
      tables.set(reliability, table);
      return table;
    });
    this.minCosine = [...tables.values()].reduce((low, table) => Math.min(low, ...table), Infinity);
  }

  /** For a scan whose scores are off by `margin` at most. */
  accepts(margin: number): Accepts {
    const { reliabilities } = this.#matrix.facts;
    return (probe, row, score) =>
      score + margin >= ((this.#tables[probe] as Float64Array)[reliabilities.at(row)] as number);
  }

  /** Whether a match of a probe reaches the confidence. A face that is gone does not. */
  passes(probe: number, { seq, score }: Match): boolean {
    const row = this.#matrix.rowOf(seq);
    if (row < 0) return false;
    const stored = byteReliability(this.#matrix.facts.reliabilities.at(row));
    const cosine = Math.min(1, Math.max(-1, score));
    const confidence = this.#confidence.confidence(cosine, this.#reliabilities[probe] as number, stored);
    return confidence >= this.#least;
  }
}

/** The calibration's confidence. @throws NearFaceError `BAD_PARAM` */
export function confidenceOf({ confidence, calibration }: LeastConfidence): PairConfidence {
  number(0, 1)(confidence, 'least.confidence');
  return new PairConfidence(calibration);
}
