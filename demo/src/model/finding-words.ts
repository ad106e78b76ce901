import type { AuditFinding, AuditKind, FaceRecord } from 'nearface';
import { count, likeness } from './format.ts';

/** What each kind of finding is called, and what it means. */
export const FINDING_KINDS: readonly {
  readonly kind: AuditKind;
  readonly title: (n: number) => string;
  readonly meaning: string;
}[] = [
  {
    kind: 'unlike',
    title: (n) => `${count(n, 'face')} unlike ${n === 1 ? 'its' : 'their'} namesakes`,
    meaning: 'A wrong name, or a photo in which nobody could tell who it is.',
  },
  {
    kind: 'alike',
    title: (n) => `${count(n, 'pair')} of names that look like one person`,
    meaning: 'One name spelled in two ways, or relatives: look before you merge.',
  },
  {
    kind: 'duplicate',
    title: (n) => `${count(n, 'pair')} of faces that are nearly one picture`,
    meaning: 'One of the two tells nothing that the other does not.',
  },
];

export function nameOfFace({ meta }: Pick<FaceRecord, 'meta'>): string {
  return meta || 'somebody without a name';
}

/** The faces that a finding is about: those that a change of settles it. */
export function facesOf(finding: AuditFinding): readonly FaceRecord[] {
  switch (finding.kind) {
    case 'unlike':
      return [finding.face];
    case 'alike':
      return finding.people.flatMap(({ faces }) => faces);
    case 'duplicate':
      return finding.faces;
  }
}

/** Of two people with the same key, such as their ids, nothing can be said to be not the same. */
export function canBeKeptApart(finding: AuditFinding): boolean {
  if (finding.kind !== 'alike') return false;
  const [a, b] = finding.people.map(({ faces }) => faces[0]?.personId);
  return a !== undefined && b !== undefined && a !== b;
}

/** A finding in a sentence. */
export function findingText(finding: AuditFinding): string {
  const alike = likeness(finding);
  switch (finding.kind) {
    case 'unlike': {
      const { face, namesakeCount, better } = finding;
      const others = count(namesakeCount, 'other face');
      const to = better && ` It looks like ${nameOfFace(better.record)} (${likeness(better)}).`;
      return `Called ${nameOfFace(face)}, and like the ${others} of that name by ${alike} only.${to ?? ' It looks like nobody else.'}`;
    }
    case 'alike': {
      const [a, b] = finding.people;
      const side = ({ faces, faceCount }: typeof a): string =>
        `${nameOfFace(faces[0]!)} (${count(faceCount, 'face')})`;
      return `${side(a)} and ${side(b)} are alike: ${alike}.`;
    }
    case 'duplicate': {
      const [a, b] = finding.faces;
      const whose =
        a.meta === b.meta
          ? `Two faces of ${nameOfFace(a)}`
          : `A face of ${nameOfFace(a)} and one of ${nameOfFace(b)}`;
      const why = finding.samePhoto
        ? ', from one file'
        : `, alike by a cosine of ${finding.cosine.toFixed(2)}`;
      return `${whose}${why}.`;
    }
  }
}
