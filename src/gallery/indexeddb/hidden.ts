/** Faces that an import has stored and nobody is to see before it ends. */
import type { StoredSegment, StoredState } from './schema.ts';
import { galleriesOf } from './segment-rows.ts';
import { groupsOf } from '../face-rows.ts';

interface Importing {
  readonly importing?: StoredState['importing'] | undefined;
}

/** Whether a face is to be taken for one that is in no gallery; its id is taken all the same. */
export function isHidden({ importing }: Importing, seq: number): boolean {
  if (!importing?.hidden) return false;
  return importing.ranges.some(([first, last]) => seq >= first && seq <= last);
}

/** A segment whose hidden faces are in no gallery. */
export function withoutHidden(segment: StoredSegment, state: Importing): StoredSegment {
  const hidden = Array.from(segment.seqs, (seq) => isHidden(state, seq));
  if (!hidden.includes(true)) return segment;
  return {
    ...segment,
    groups: groupsOf(galleriesOf(segment).map((names, row) => (hidden[row] ? [] : names))),
  };
}
