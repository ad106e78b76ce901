import { toCosine } from '../core/dot.ts';
import type { Calibration } from '../core/manifest.ts';
import { number } from '../core/options.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
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
 * A scan keeps matches down to this much below the level's cosine, which is far more than both cosines are off by rounding.
 * Then each match's confidence decides.
 */
const HAIR = 1e-6;

/** The cosines that a confidence needs, by the reliabilities of both faces. */
export class LevelTables {
  readonly least: number;
  readonly confidence: PairConfidence;
  readonly #tables = new Map<number, Float64Array>();

  /** @throws NearFaceError `BAD_PARAM` */
  constructor({ confidence, calibration }: LeastConfidence) {
    this.least = number(0, 1)(confidence, 'least.confidence');
    this.confidence = new PairConfidence(calibration);
  }

  /**
   * For a probe of this reliability: the least cosine of a face, less {@link HAIR}, at the index of the byte that the face's
   * reliability is stored as.
   */
  of(reliability: number): Float64Array {
    let table = this.#tables.get(reliability);
    if (!table) {
      table = this.confidence.levelsFor(this.least, reliability).map((cosine) => cosine - HAIR);
      this.#tables.set(reliability, table);
    }
    return table;
  }
}

/** What matches of some probes must reach. */
export class PairLevels {
  /** No match has a lower cosine. */
  readonly minCosine: number;
  readonly #matrix: SearchMatrix;
  readonly #level: LevelTables;
  readonly #reliabilities: readonly number[];
  /** Of each probe. */
  readonly #tables: readonly Float64Array[];

  /**
   * @param reliabilities - of the probes
   * @throws NearFaceError `BAD_PARAM`
   */
  constructor(matrix: SearchMatrix, level: LevelTables, reliabilities: readonly number[]) {
    this.#matrix = matrix;
    this.#level = level;
    this.#reliabilities = reliabilities.map((reliability, i) =>
      roundReliability(number(0, 1)(reliability, `reliabilities[${i}]`)),
    );
    this.#tables = this.#reliabilities.map((reliability) => level.of(reliability));
    this.minCosine = [...new Set(this.#tables)].reduce((low, table) => Math.min(low, ...table), Infinity);
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
    const { confidence, least } = this.#level;
    const stored = byteReliability(this.#matrix.facts.reliabilities.at(row));
    const cosine = toCosine(score);
    return confidence.confidence(cosine, this.#reliabilities[probe] as number, stored) >= least;
  }
}
