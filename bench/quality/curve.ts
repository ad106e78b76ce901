import { dot, thresholdAtFmr } from '../harness/statistics.ts';

/** A photo's subject: who it is, what the library embedded, and how good the photo is by some measure. */
export interface Sample {
  readonly person: string;
  readonly embedding: readonly number[];
}

/** All pairs of some samples. Indices are those of the samples. */
export interface SamplePairs {
  readonly count: number;
  readonly genuine: readonly { readonly a: number; readonly b: number; readonly cosine: number }[];
  readonly impostor: readonly { readonly a: number; readonly b: number; readonly cosine: Float32Array }[];
}

/** One point of an error-versus-discard curve. */
export interface CurvePoint {
  /** Share of the samples that were left out. */
  readonly rejected: number;
  readonly genuine: number;
  readonly nonMatches: number;
  /** At the threshold of all samples. */
  readonly fnmr: number;
  /** At a threshold of the same false match rate among those that are left. */
  readonly fnmrRefitted: number;
}

/** Every pair with its cosine; impostors as one row of cosines per sample, against all after it. */
export function pairsOf(samples: readonly Sample[]): SamplePairs {
  const dimension = samples[0]?.embedding.length ?? 0;
  const vectors = Float32Array.from(samples.flatMap(({ embedding }) => embedding));
  const genuine: SamplePairs['genuine'][number][] = [];
  const impostor: SamplePairs['impostor'][number][] = [];
  for (const [a, { person }] of samples.entries()) {
    const row = new Float32Array(samples.length - a - 1);
    for (let b = a + 1; b < samples.length; b++) {
      const cosine = dot(vectors, a * dimension, b * dimension, dimension);
      const same = samples[b]!.person === person;
      if (same) genuine.push({ a, b, cosine });
      row[b - a - 1] = same ? NaN : cosine;
    }
    impostor.push({ a, b: a + 1, cosine: row });
  }
  return { count: samples.length, genuine, impostor };
}

/** The cosine that the share `fmr` of the impostor pairs among the kept samples exceeds. */
export function thresholdOf({ impostor }: SamplePairs, kept: readonly boolean[], fmr: number): number {
  const cosines: number[] = [];
  for (const { a, b, cosine } of impostor) {
    if (!kept[a]) continue;
    cosine.forEach((value, i) => {
      if (kept[b + i] && !Number.isNaN(value)) cosines.push(value);
    });
  }
  return thresholdAtFmr(Float32Array.from(cosines).sort(), fmr);
}

/**
 * The error-versus-discard characteristic (ISO/IEC 29794-1; Grother and Tabassi, "Performance of biometric quality measures",
 * 2007): the samples of the lowest quality are left out with all their pairs, and the false non-match rate is taken over the
 * genuine pairs that are left.
 */
export function discardCurve(
  pairs: SamplePairs,
  quality: readonly number[],
  shares: readonly number[],
  fmr: number,
): CurvePoint[] {
  const worstFirst = quality.map((_, i) => i).sort((a, b) => quality[a]! - quality[b]!);
  const everyone = quality.map(() => true);
  const fixed = thresholdOf(pairs, everyone, fmr);
  return shares.map((rejected) => {
    const kept = [...everyone];
    for (const i of worstFirst.slice(0, Math.round(rejected * pairs.count))) kept[i] = false;
    const genuine = pairs.genuine.filter(({ a, b }) => kept[a] && kept[b]);
    const missed = (threshold: number): number => genuine.filter(({ cosine }) => cosine <= threshold).length;
    const refitted = rejected === 0 ? fixed : thresholdOf(pairs, kept, fmr);
    return {
      rejected,
      genuine: genuine.length,
      nonMatches: missed(fixed),
      fnmr: missed(fixed) / genuine.length,
      fnmrRefitted: missed(refitted) / genuine.length,
    };
  });
}
