/** `0.8123` as `81 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** How sure a match is; where no confidence is known its cosine, with so many digits. */
export function likeness(
  { confidence, cosine }: { readonly confidence?: number; readonly cosine: number },
  digits = 2,
): string {
  return confidence === undefined ? cosine.toFixed(digits) : percent(confidence);
}

/** Bytes in the largest unit that keeps the number at 1 or more, on one line with it. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)}\u00a0${units[unit]}`;
}

export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `1 face`, `2 faces`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** A name made from a file's: `staff/sam_berry-2.jpg` gives `sam berry`. */
export function nameFromFile(path: string): string {
  const file = path.split('/').at(-1) ?? path;
  const stem = file.replace(/\.[^.]+$/, '');
  const words = stem.replace(/[_\-.]+/g, ' ').replace(/\s*\(?\d+\)?\s*$/, '');
  return words.trim() || stem;
}

/** The middle of some values; of an even number the upper of both. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
