import type { Match } from './top-k.ts';

/** How much of what full searches found other searches found as well; one list per probe, best first. */
export function recallOf(
  exact: readonly (readonly Match[])[],
  found: readonly (readonly Match[])[],
): { readonly probes: number; readonly at1: number; readonly at10: number } {
  let [first, ten] = [0, 0];
  exact.forEach((matches, i) => {
    const seqs = new Set(found[i]?.map(({ seq }) => seq));
    const hits = matches.filter(({ seq }) => seqs.has(seq)).length;
    if (matches.length === 0 || seqs.has((matches[0] as Match).seq)) first++;
    ten += matches.length === 0 ? 1 : hits / matches.length;
  });
  const probes = exact.length;
  return { probes, at1: first / probes, at10: ten / probes };
}

/** A probe like a further photo of a face: its vector with noise, at a cosine of about 0.7. */
export function noisy(vector: Float32Array): Float32Array {
  const mixed = vector.map((x) => x + (3.46 * (Math.random() - 0.5)) / Math.sqrt(vector.length));
  const length = Math.hypot(...mixed);
  return mixed.map((x) => x / length);
}
