import { limitCommon } from '../core/common-directions.ts';
import { NearFaceError, throwIfAborted } from '../core/errors.ts';
import type { Regeneration } from '../core/records.ts';
import type { Face } from '../core/types.ts';
import { analyseOne, requestFor } from './analyse.ts';
import { CALL, type FreshEmbedding } from '../worker/contract.ts';
import type { RegenerateOptions } from './options.ts';
import { resolveRegenerate } from './resolve-gallery-options.ts';
import { resolveEmbed } from './resolve-options.ts';
import type { Session } from './session.ts';

/** Faces taken up at a time. */
const BATCH = 8;

/** Makes the embeddings of all faces anew that another model made; see {@link Galleries.regenerate}. */
export async function regenerate(
  session: Session,
  options: RegenerateOptions | undefined,
): Promise<Regeneration> {
  const { missing, onProgress, signal } = resolveRegenerate(options);
  const { id: modelId, convertsFrom } = session.visionInfo.embedding;
  const { gallery } = session;
  const { stale, made } = await gallery.ask('countStale', [modelId]);
  // A kept crop is upright and of one face: it is found at once, wherever it fills the picture.
  const request = requestFor(resolveEmbed({ faces: 'biggest', mode: 'auto' }), { embedding: true });
  let done = made;
  for (let after = 0; ;) {
    throwIfAborted(signal);
    onProgress?.({ phase: 'regenerate', item: modelId, done, total: stale });
    const start = after;
    const faces = await gallery.ask('nextStale', [modelId, start, BATCH]);
    if (faces.length === 0) break;
    after = faces.at(-1)?.seq ?? after;
    const fresh: FreshEmbedding[] = [];
    for (const face of faces) {
      const { seq, crop } = face;
      const made = crop && (await embed(new Blob([crop.bytes], { type: crop.type })));
      if (made?.embedding) {
        const { embedding, reliability } = made;
        fresh.push({
          seq,
          vector: Float32Array.from(embedding),
          ...(reliability !== undefined && { reliability }),
        });
      } else if (face.vector && face.modelId === convertsFrom?.modelId) {
        const { vector } = limitCommon(face.vector, convertsFrom.common);
        fresh.push({ seq, vector, ...(face.reliability !== undefined && { reliability: face.reliability }) });
      }
    }
    await gallery.ask('putRegenerated', [modelId, fresh]);
    done += faces.length;
  }
  const { swapped, deleted } = await gallery.ask('swapRegenerated', [modelId, missing, CALL], { signal });
  return { regenerated: swapped, deleted };

  /** Without a reliability where the model tells none: what is assumed is marked so when it is stored. */
  async function embed(crop: Blob): Promise<Face | undefined> {
    try {
      const { faces } = await analyseOne(session, crop, request, signal);
      return faces[0];
    } catch (error) {
      if (error instanceof NearFaceError && error.code === 'IMAGE_DECODING_FAILED') return undefined;
      throw error;
    }
  }
}
