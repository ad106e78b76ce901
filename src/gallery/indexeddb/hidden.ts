import { isHidden } from '../hidden-faces.ts';
import type { StoredImport, StoredSegment } from './schema.ts';
import { galleriesOf } from './segment-rows.ts';
import { groupsOf } from '../face-rows.ts';

/** A segment whose hidden faces are in no gallery. */
export function withoutHidden(
  segment: StoredSegment,
  state: { readonly importing?: StoredImport | undefined },
): StoredSegment {
  const hidden = Array.from(segment.seqs, (seq) => isHidden(state, seq));
  if (!hidden.includes(true)) return segment;
  return {
    ...segment,
    groups: groupsOf(galleriesOf(segment).map((names, row) => (hidden[row] ? [] : names))),
  };
}
