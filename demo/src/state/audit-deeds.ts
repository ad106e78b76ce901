import type { Signal } from '@preact/signals';
import type { AlikeFinding, AuditFinding, FaceRecord, Gallery, NearFace, UnlikeFinding } from 'nearface';
import { facesOf, nameOfFace } from '../model/finding-words.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { LongTask } from './long-task.ts';

/** What an audit has found by now. */
export interface Findings {
  readonly list: readonly AuditFinding[];
  /** Whether there are more than are told at a time. */
  readonly hasMore: boolean;
}

/** What can be done about a finding. Each is told to screen readers, and takes the findings off that it settles. */
export interface AuditDeeds {
  /** Gives a face to whom it looks like. */
  move(finding: UnlikeFinding): Promise<void>;
  /** Says that a face is not of the person that it is under. */
  notOf(finding: UnlikeFinding): Promise<void>;
  merge(finding: AlikeFinding): Promise<void>;
  notSame(finding: AlikeFinding): Promise<void>;
  deleteFace(face: FaceRecord): Promise<void>;
  /** Takes a finding off the list; the next audit tells it again. */
  dismiss(finding: AuditFinding): void;
  /** Takes off what is told of a face that was changed otherwise. */
  settle(faceId: string): void;
}

interface DeedParts {
  readonly engine: Engine;
  readonly library: Library;
  readonly announcement: Signal<string>;
}

export function createAuditDeeds(
  { engine, library, announcement }: DeedParts,
  auditing: LongTask<Findings>,
): AuditDeeds {
  const keep = (isKept: (finding: AuditFinding) => boolean): void => {
    const found = auditing.result.peek();
    if (found) auditing.replace({ ...found, list: found.list.filter(isKept) });
  };
  const settle = (faceId: string): void =>
    keep((finding) => facesOf(finding).every(({ id }) => id !== faceId));
  const change = async (
    work: (nf: NearFace, gallery: Gallery) => Promise<string>,
    isKept: (finding: AuditFinding) => boolean,
  ): Promise<void> => {
    const said = await work(await engine.ready(), await library.gallery());
    keep(isKept);
    await library.refresh();
    announcement.value = said;
  };
  const without =
    (...ids: readonly string[]) =>
    (finding: AuditFinding): boolean =>
      facesOf(finding).every(({ id }) => !ids.includes(id));

  return {
    move: ({ face, better }) =>
      change(async (nf, gallery) => {
        if (!better) return 'It looks like nobody.';
        const { personId, meta } = better.record;
        if (personId !== undefined) await nf.people.move(face.id, personId);
        const moved = await gallery.get(face.id);
        if (moved.meta !== meta) await gallery.update(face.id, { meta });
        return `Moved to ${nameOfFace(better.record)}.`;
      }, without(face.id)),
    notOf: ({ face }) =>
      change(async (nf) => {
        if (face.personId !== undefined) await nf.people.notSame(face.id, face.personId);
        return `Taken out, and kept apart from ${nameOfFace(face)} from now on.`;
      }, without(face.id)),
    merge: (finding) =>
      change(
        async (nf, gallery) => {
          const [one, other] = finding.people;
          const [into, from] = other.faceCount > one.faceCount ? [other, one] : [one, other];
          await merge(nf, gallery, into.faces[0]!, from.faces[0]!);
          return `${nameOfFace(from.faces[0]!)} merged into ${nameOfFace(into.faces[0]!)}.`;
        },
        without(...facesOf(finding).map(({ id }) => id)),
      ),
    notSame: (finding) =>
      change(
        async (nf) => {
          const [a, b] = finding.people.map(({ faces }) => faces[0]!) as [FaceRecord, FaceRecord];
          if (a.personId !== undefined && b.personId !== undefined)
            await nf.people.notSame(a.personId, b.personId);
          return `${nameOfFace(a)} and ${nameOfFace(b)} are kept apart from now on.`;
        },
        (other) => other !== finding,
      ),
    deleteFace: ({ id, meta }) =>
      change(async (_, gallery) => {
        await gallery.delete(id);
        return `${meta || 'The face'} deleted.`;
      }, without(id)),
    dismiss: (finding) => keep((other) => other !== finding),
    settle,
  };
}

/** Puts two people together: by the people that they are, or, where one is a name alone, by that name. */
async function merge(nf: NearFace, gallery: Gallery, into: FaceRecord, from: FaceRecord): Promise<void> {
  if (into.personId !== undefined && from.personId !== undefined) {
    await nf.people.merge(into.personId, from.personId);
    return;
  }
  const ids: string[] = [];
  const query = from.personId === undefined ? { meta: from.meta } : { personId: from.personId };
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await gallery.list({ ...query, limit: 1000, ...(cursor !== undefined && { cursor }) });
    // A name may be that of a person, too, who is somebody else.
    const theirs = page.records.filter(({ personId }) => personId === from.personId);
    ids.push(...theirs.map(({ id }) => id));
    cursor = page.cursor;
  }
  if (into.personId !== undefined) await nf.people.move(ids, into.personId);
  await gallery.updateMany(ids, { meta: into.meta });
}
