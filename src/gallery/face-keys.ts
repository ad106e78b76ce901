import { shortHash, textHash } from '../core/text-hash.ts';
import type { StoredFace } from './stored.ts';

/** What a face is found by. Galleries are tags, the others hashes of tags; 0 stands for none. */
export interface FaceKeys {
  readonly seq: number;
  readonly galleries: readonly string[];
  readonly id: number;
  readonly meta: number;
  readonly person: number;
  readonly photo: number;
  /** Not a number where it is not known yet: in what versions have left that had no such column. */
  readonly camera: number;
  /** From when on it is gone, in milliseconds since 1970; 0 where it stays. */
  readonly expires: number;
}

/** What a face is found by. Texts are tagged as the database does it. */
export function keysOf(
  { tag }: { readonly tag: (text: string) => string },
  face: Pick<
    StoredFace,
    'seq' | 'galleries' | 'id' | 'meta' | 'personId' | 'photoHash' | 'cameraId' | 'expiresAt'
  >,
): FaceKeys {
  return {
    seq: face.seq,
    galleries: face.galleries.map(tag),
    id: shortHash(tag(face.id)),
    meta: textHash(tag(face.meta)),
    person: face.personId === undefined ? 0 : textHash(tag(face.personId)),
    photo: face.photoHash === undefined ? 0 : shortHash(tag(face.photoHash)),
    camera: face.cameraId === undefined ? 0 : textHash(tag(face.cameraId)),
    // A time before 1970 is as much over as any.
    expires: face.expiresAt === undefined ? 0 : Math.max(1, face.expiresAt),
  };
}
