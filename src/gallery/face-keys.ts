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
}

/** What a face is found by. Texts are tagged as the database does it. */
export function keysOf(
  { tag }: { readonly tag: (text: string) => string },
  face: Pick<StoredFace, 'seq' | 'galleries' | 'id' | 'meta' | 'personId' | 'photoHash'>,
): FaceKeys {
  return {
    seq: face.seq,
    galleries: face.galleries.map(tag),
    id: shortHash(tag(face.id)),
    meta: textHash(tag(face.meta)),
    person: face.personId === undefined ? 0 : textHash(tag(face.personId)),
    photo: face.photoHash === undefined ? 0 : shortHash(tag(face.photoHash)),
  };
}
