/** What {@link Gallery.audit} tells. */
import type { FaceRecord } from './records.ts';

/** `unlike`: a face unlike its namesakes; `alike`: two people who look like one; `duplicate`: two faces that are nearly one picture. */
export type AuditKind = 'unlike' | 'alike' | 'duplicate';

/** How alike two sides of a finding are. */
export interface AuditLikeness {
  /** Cosine, −1..1; of people with several faces, of their templates. */
  readonly cosine: number;
  /** As of every pair of faces; absent if the embedding model has no calibration. */
  readonly confidence?: number;
}

/** A face that does not look like the others of its person or name. */
export interface UnlikeFinding extends AuditLikeness {
  /** What it is. */
  readonly kind: 'unlike';
  /** The face; of two namesakes the later one, as nothing tells which of them is wrong. */
  readonly face: FaceRecord;
  /** The first of the others, up to 5. */
  readonly namesakes: readonly FaceRecord[];
  /** How many others there are. */
  readonly namesakeCount: number;
  /** Whom it does look like, if anybody: that person's most similar face, and how alike they are. */
  readonly better?: AuditLikeness & { readonly record: FaceRecord };
  /** `move` to whom it looks like, or `review` by somebody who knows them. */
  readonly suggestion: 'move' | 'review';
}

/** Somebody, in a finding. */
export interface AuditedPerson {
  /** The first faces, up to 5; one at least. */
  readonly faces: readonly FaceRecord[];
  /** How many there are. */
  readonly faceCount: number;
}

/** Two people, or two names, that look like one person. */
export interface AlikeFinding extends AuditLikeness {
  /** What it is. */
  readonly kind: 'alike';
  /** Both; none of those of whom `people.notSame` was said. */
  readonly people: readonly [AuditedPerson, AuditedPerson];
  /** To `merge` them, once somebody has looked: relatives are alike, too. */
  readonly suggestion: 'merge';
}

/** Two faces that are nearly the same picture. */
export interface DuplicateFinding extends AuditLikeness {
  /** What it is. */
  readonly kind: 'duplicate';
  /** Both, in the order of enrolment. */
  readonly faces: readonly [FaceRecord, FaceRecord];
  /** Whether they were enrolled from the same file. */
  readonly samePhoto: boolean;
  /** To `delete` one; to `review` them first where they are under two names. */
  readonly suggestion: 'delete' | 'review';
}

/** What an audit found. */
export type AuditFinding = UnlikeFinding | AlikeFinding | DuplicateFinding;

/** One page of {@link Gallery.audit}. */
export interface AuditPage {
  /** By kind, `unlike` first, then in the order of enrolment. */
  readonly findings: readonly AuditFinding[];
  /** Hand it to the next call; absent on the last page. */
  readonly cursor?: string;
}
