import type { Gallery } from '../../api/gallery.ts';
import type { EmbeddingProbe } from '../../api/compare.ts';
import { MAX_HITS } from '../../core/limits.ts';
import { alikeness } from '../similarity.ts';
import { rounded } from './face-json.ts';

/** A subject that a face may be of. */
export interface Prediction {
  readonly subject: string;
  readonly similarity: number;
}

/** Examples of a subject that are commonly in the collection: so many more hits are asked for than subjects. */
const EXAMPLES_EACH = 8;

/**
 * The most similar subjects of each face, each once, by its best example. Searches again with more hits where the first ones are examples of too few
 * subjects.
 */
export async function predictions(
  gallery: Gallery,
  probes: readonly EmbeddingProbe[],
  count: number,
  signal: AbortSignal,
): Promise<readonly (readonly Prediction[])[]> {
  for (let limit = Math.min(MAX_HITS, count * EXAMPLES_EACH); ; limit = Math.min(MAX_HITS, limit * 4)) {
    const found = await gallery.search(probes, { limit, threshold: 'none', signal });
    const told = found.map((matches) => {
      const best = new Map<string, number>();
      for (const match of matches) {
        const { meta } = match.record;
        best.set(meta, Math.max(best.get(meta) ?? 0, alikeness(match)));
      }
      return [...best].sort(([, a], [, b]) => b - a);
    });
    const isEnough = told.every((best, i) => best.length >= count || (found[i]?.length ?? 0) < limit);
    if (!isEnough && limit < MAX_HITS) continue;
    return told.map((best) =>
      best.slice(0, count).map(([subject, similarity]) => ({ subject, similarity: rounded(similarity) })),
    );
  }
}
