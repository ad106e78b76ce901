import { type Match, TopK } from './top-k.ts';

/** The dot product in double precision. */
export function scalarDot(a: Float32Array, b: Float32Array, offset = 0): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[offset + i] as number);
  return sum;
}

/** Rows for {@link scalarSearch}: `seqs[i]` is the face in row `i`, `seqs.length` rows without padding. */
export interface ScalarRows {
  readonly seqs: readonly number[];
  readonly vectors: Float32Array;
}

/** The plain JavaScript search that the kernel is held against. */
export function scalarSearch(
  rows: ScalarRows,
  probe: Float32Array,
  options: {
    readonly limit: number;
    readonly minScore: number;
    readonly includes?: (seq: number) => boolean;
  },
): readonly Match[] {
  const best = new TopK(options.limit, options.minScore);
  rows.seqs.forEach((seq, row) => {
    if (options.includes && !options.includes(seq)) return;
    best.push(seq, scalarDot(probe, rows.vectors, row * probe.length));
  });
  return best.sorted();
}
