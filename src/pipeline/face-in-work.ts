import type { Quality } from '../core/quality.ts';
import type { Affine } from '../geometry/similarity.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import type { Embedding } from '../stages/embedder.ts';
import type { FaceMesh } from '../stages/face-mesh.ts';
import type { Seen } from './detail-stages.ts';
import type { FoundFace } from './find-faces.ts';

/** A face on its way through the stages; everything in pixels of the decoded image. */
export interface FaceInWork {
  readonly found: FoundFace;
  readonly image: DecodedImage;
  /** Whether the image is an aligned crop, which needs no mesh to be embedded. */
  readonly isAligned?: boolean;
  /** What alignment and pose are read off; the fine mesh is only shown, so that no embedding depends on it. */
  mesh?: FaceMesh;
  alignment?: Affine;
  /** What the stages of details have seen. */
  readonly seen: Seen;
  quality?: Quality;
  embedding?: Embedding;
  /** Of the embedding, 0..1. */
  reliability?: number;
}
