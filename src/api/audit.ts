import type { AuditedPerson, AuditFinding, AuditKind, AuditLikeness, AuditPage } from '../core/audit.ts';
import { checkPairThreshold } from '../core/confidence.ts';
import { MAX_PAGE } from '../core/limits.ts';
import { abortSignal, arrayOf, callback, integer, oneOf, resolveOptions, string } from '../core/options.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type { FaceRecord } from '../core/records.ts';
import type { Progress, Threshold } from '../core/types.ts';
import { CALL, type EngineAudited, type EngineFinding } from '../worker/contract.ts';
import { similarity } from './compare.ts';
import { boundsOf } from './search-gallery.ts';
import type { Session } from './session.ts';

/** Options of {@link Gallery.audit}. */
export interface AuditOptions {
  /** What is looked for. Default: all kinds. */
  readonly kinds?: readonly AuditKind[];
  /** A face that is less like the template of its namesakes is told as `unlike`; not `fpir`. Default: `low`. */
  readonly unlike?: Threshold;
  /** Two people who are as alike are told as `alike`; not `fpir`. Default: `strict`. */
  readonly alike?: Threshold;
  /** Two faces that are as alike are told as a `duplicate`; not `fpir`. Default: `{ cosine: 0.95 }`. */
  readonly duplicate?: Threshold;
  /** A page ends with the face or person after which there are so many findings, 1..10000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
  /** Called with the faces and people looked at so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

const KINDS: readonly AuditKind[] = ['unlike', 'alike', 'duplicate'];

const DEFAULTS = {
  kinds: KINDS,
  unlike: 'low',
  alike: 'strict',
  // Of lfw-dev's 5,000 pairs of photos of one person 6 are as alike, and none of two.
  duplicate: { cosine: 0.95 },
  limit: 100,
} as const satisfies AuditOptions;

/** Looks through a gallery; see {@link Gallery.audit}. */
export async function auditGallery(session: Session, name: string, raw: unknown): Promise<AuditPage> {
  const fields = {
    kinds: arrayOf(oneOf(...KINDS), KINDS.length),
    unlike: checkPairThreshold,
    alike: checkPairThreshold,
    duplicate: checkPairThreshold,
    limit: integer(1, MAX_PAGE),
    cursor: string(64),
    onProgress: callback<(progress: Progress) => void>(),
    signal: abortSignal,
  };
  const options = resolveOptions<AuditOptions, typeof DEFAULTS>(raw, 'options', fields, DEFAULTS);
  const { kinds, limit, cursor, onProgress, signal } = options;
  const levelOf = (threshold: Threshold): ReturnType<typeof boundsOf> =>
    boundsOf(session, PairConfidence.levelFor(threshold, session.confidence, 1));
  const levels = {
    unlike: levelOf(options.unlike),
    alike: levelOf(options.alike),
    duplicate: levelOf(options.duplicate),
  };
  const modelId = session.visionInfo.embedding.id;
  const request = { modelId, kinds, levels, limit, ...(cursor !== undefined && { cursor }) };
  const page = await session.gallery.ask('audit', [name, request, CALL], { signal, onProgress });
  const findings = page.findings.map((finding) => toFinding(session, finding));
  return { findings, ...(page.cursor !== undefined && { cursor: page.cursor }) };
}

function toFinding(session: Session, { kind, cosine, sides, better }: EngineFinding): AuditFinding {
  const [a, b] = sides;
  const alike = likeness(session, cosine, a.reliability, b.reliability);
  const [first, second] = [a.faces[0] as FaceRecord, b.faces[0] as FaceRecord];
  switch (kind) {
    case 'unlike': {
      const likest = better && {
        ...likeness(session, better.cosine, first.reliability, better.reliability),
        record: better.faces[0] as FaceRecord,
      };
      const suggestion = likest ? 'move' : 'review';
      const told = { kind, face: first, namesakes: b.faces, namesakeCount: b.count, suggestion } as const;
      return { ...alike, ...told, ...(likest && { better: likest }) };
    }
    case 'alike':
      return { ...alike, kind, people: [personOf(a), personOf(b)], suggestion: 'merge' };
    case 'duplicate': {
      const isOneName = first.meta === second.meta && first.personId === second.personId;
      const samePhoto = first.photoHash !== undefined && first.photoHash === second.photoHash;
      const suggestion = isOneName ? 'delete' : 'review';
      return { ...alike, kind, faces: [first, second], samePhoto, suggestion };
    }
  }
}

function personOf({ faces, count }: EngineAudited): AuditedPerson {
  return { faces, faceCount: count };
}

function likeness(session: Session, given: number, a: number, b: number): AuditLikeness {
  const { distance: _, ...alike } = similarity(session, given, [a, b]);
  return alike;
}
