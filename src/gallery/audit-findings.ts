import type { AuditKind } from '../core/audit.ts';
import { personKeyOf } from '../core/person-template.ts';
import type { FaceRecord } from '../core/records.ts';
import type { AuditLevel } from './audit-scan.ts';
import { of } from './people/coroutine.ts';
import { pairKey, pairOfPeople } from './people/stored.ts';
import type { GalleryDatabase } from './port.ts';

/** What is looked for, and how it is told. */
export interface EngineAudit {
  readonly modelId: string;
  readonly kinds: readonly AuditKind[];
  /** What each kind is held against: a face below it is `unlike`, two at or above it are `alike`, or a `duplicate`. */
  readonly levels: Readonly<Record<AuditKind, AuditLevel>>;
  /** A page ends with the face or person after which there are so many. */
  readonly limit: number;
  readonly cursor?: string;
}

/** One side of a finding. */
export interface EngineAudited {
  /** Its first faces. */
  readonly faces: readonly FaceRecord[];
  readonly count: number;
  /** Of its template, or only face. */
  readonly reliability: number;
}

/** Two sides that are alike, or, of `unlike`, a face and its namesakes that are not. */
export interface EngineFinding {
  readonly kind: AuditKind;
  readonly cosine: number;
  readonly sides: readonly [EngineAudited, EngineAudited];
  /** Of `unlike`: whom the face is like. */
  readonly better?: EngineAudited & { readonly cosine: number };
}

/** A page of an audit. */
export interface EngineAuditPage {
  readonly findings: readonly EngineFinding[];
  readonly cursor?: string;
}

/** Findings without pairs of people of whom it was said that they are two. */
export async function withoutApart(
  database: GalleryDatabase,
  found: readonly (readonly EngineFinding[])[],
): Promise<readonly (readonly EngineFinding[])[]> {
  const keyOf = ({ sides }: EngineFinding): string | undefined => {
    const [a, b] = sides.map(({ faces }) => faces[0]?.personId);
    return a === undefined || b === undefined ? undefined : pairKey(pairOfPeople(a, b));
  };
  const marks = found
    .flat()
    .flatMap(({ sides }) => sides.flatMap(({ faces }) => faces.slice(0, 1).map(personKeyOf)));
  if (!found.flat().some((finding) => keyOf(finding) !== undefined)) return found;
  const apart = await database.people.read(function* (tx) {
    return yield* of(tx.pairs.of([...new Set(marks)]));
  });
  const keys = new Set(apart.map(pairKey));
  return found.map((some) => some.filter((finding) => !keys.has(keyOf(finding) ?? '')));
}
