/** How a step is shared out. Sums are the same whatever the chunks are: a kernel sums up each number on its own. */

/** Multiplications of a chunk, about 5 µs. */
export const CHUNK_WORK = 65_536;

/** Rows that `gemm` sums up at a time; where fewer are left, it sums them up in another order. */
const BLOCK_ROWS = 6;

/** Bytes of rows for which `gemm` reads the other matrix anew. */
const BLOCK_BYTES = 16_384;

/** Parts of so many bytes of rows are made where there are so many of them; they may be smaller where there are fewer. */
const ENOUGH = 8;

/** Columns that `gemm` sums up at a time. */
const BLOCK_COLUMNS = 8;

/** Rows of a matrix that are not many: in parts of so few, more would be left over. */
const LEAST_ROWS = 24;

/** From and to, exclusive. */
export type Range = readonly [from: number, to: number];

/**
 * Parts of `count` things, about as many as `wanted`.
 *
 * @param unit - a part has a multiple of so many, but for the last
 */
export function split(count: number, wanted: number, unit: number = 1): readonly Range[] {
  const units = Math.ceil(count / unit);
  const parts = Math.min(units, Math.max(1, Math.round(wanted)));
  return inParts(count, Math.ceil(units / parts) * unit);
}

/** Parts of a product, `depth` numbers of a row by as many of a column: of its rows where there are many, else of its columns. */
export function splitMatrix(
  rows: number,
  depth: number,
  columns: number,
  wanted: number,
): readonly { readonly rows: Range; readonly columns: Range }[] {
  const all = { rows: [0, rows], columns: [0, columns] } as const;
  if (rows / BLOCK_ROWS >= columns / BLOCK_COLUMNS) {
    const blocks = Math.max(1, Math.floor(BLOCK_BYTES / (4 * depth) / BLOCK_ROWS));
    const unit = rows >= ENOUGH * blocks * BLOCK_ROWS ? blocks * BLOCK_ROWS : BLOCK_ROWS;
    return split(rows, wanted, unit).map((part) => ({ ...all, rows: part }));
  }
  return split(columns, wanted, BLOCK_COLUMNS).map((part) => ({ ...all, columns: part }));
}

/**
 * Bands of lines of an image, of `most` lines each at most: about as many as `wanted`, or as few as there can be. A band ends where
 * `gemm` ends a block of rows, or is of `most` lines whatever is wanted.
 */
export function splitLines(height: number, width: number, wanted: number, most: number): readonly Range[] {
  const parts = Math.max(1, Math.round(wanted));
  const unit = blockLines(width);
  if (most < unit || (parts === 1 && height <= most)) return inParts(height, most);
  const least = Math.ceil(LEAST_ROWS / (width * unit));
  const units = Math.ceil(Math.ceil(height / unit) / parts);
  return inParts(height, unit * Math.min(Math.floor(most / unit), Math.max(least, units)));
}

/** Lines of so many pixels that are whole blocks of rows. */
function blockLines(width: number): number {
  for (let lines = 1; ; lines++) if ((lines * width) % BLOCK_ROWS === 0) return lines;
}

function inParts(count: number, size: number): readonly Range[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => [
    i * size,
    Math.min(count, (i + 1) * size),
  ]);
}
