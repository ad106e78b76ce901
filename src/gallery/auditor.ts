import type { AuditKind } from '../core/audit.ts';
import type { Call } from '../core/call.ts';
import { toCosine } from '../core/dot.ts';
import { throwIfAborted } from '../core/errors.ts';
import { type Look, meanOfLooks, withoutLook } from '../core/mean-look.ts';
import { nextTask } from '../core/next-task.ts';
import { lookForTemplate, personKeyOf, templateOfMean } from '../core/person-template.ts';
import type { FaceRecord } from '../core/records.ts';
import { textHash } from '../core/text-hash.ts';
import type { Bitmap } from '../search/bitmap.ts';
import { scalarDot } from '../search/scalar.ts';
import {
  type EngineAudit,
  type EngineAudited,
  type EngineAuditPage,
  type EngineFinding,
  withoutApart,
} from './audit-findings.ts';
import {
  checkOf,
  namedSingles,
  readCursor,
  scanPairs,
  tabled,
  type TabledLevel,
  writeCursor,
} from './audit-scan.ts';
import { reliabilityOf, rowVectorsOf } from './matrix-search.ts';
import { firstAfter } from './page-cursor.ts';
import type { PersonSearcher, SearchedPeople } from './person-searcher.ts';
import type { GalleryDatabase } from './port.ts';
import { toRecord } from './stored.ts';

/** Faces or people that are looked at at a time. */
const BATCH = 256;

/** Faces that are told of each side. */
const TOLD_FACES = 5;

/** What one gallery is looked through with. */
interface Ground extends SearchedPeople {
  readonly gallery: string;
  readonly request: EngineAudit;
  readonly levels: Readonly<Record<AuditKind, TabledLevel>>;
  readonly signal: AbortSignal | undefined;
}

/** A part of an audit: what is looked at in turn, by rising numbers of faces, and how. */
interface Pass {
  readonly code: string;
  readonly kind: AuditKind;
  /** The faces, or the first face of each person. */
  readonly probes: ArrayLike<number>;
  /** The findings of each of some of them, by their places. */
  readonly check: (from: number, until: number) => Promise<readonly (readonly EngineFinding[])[]>;
}

/** Looks through a gallery for what is under a wrong name, or there twice. */
export class Auditor {
  readonly #database: GalleryDatabase;
  readonly #people: PersonSearcher;

  constructor(database: GalleryDatabase, people: PersonSearcher) {
    this.#database = database;
    this.#people = people;
  }

  /** A page of findings. @throws NearFaceError `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `BAD_PARAM`, `ABORTED` */
  async audit(gallery: string, request: EngineAudit, { signal, report }: Call): Promise<EngineAuditPage> {
    const [code = '', after = 0] = request.cursor === undefined ? [] : readCursor(request.cursor);
    const people = await this.#people.peopleOf({ modelId: request.modelId, galleries: [gallery] });
    if (!people) return { findings: [] };
    throwIfAborted(signal);
    const { unlike, alike, duplicate } = request.levels;
    const levels = { unlike: tabled(unlike), alike: tabled(alike), duplicate: tabled(duplicate) };
    const ground = { ...people, gallery, request, levels, signal };
    const passes = this.#passes(ground).filter(({ kind }) => request.kinds.includes(kind));
    const total = passes.reduce((sum, { probes }) => sum + probes.length, 0);
    const findings: EngineFinding[] = [];
    let done = 0;
    for (const { code: own, probes, check } of passes) {
      let from = own < code ? probes.length : own === code ? firstAfter(probes, after) : 0;
      done += from;
      while (from < probes.length) {
        const until = Math.min(probes.length, from + BATCH);
        for (const [i, found] of (await check(from, until)).entries()) {
          findings.push(...found);
          if (findings.length >= request.limit)
            return { findings, cursor: writeCursor(own, probes[from + i] as number) };
        }
        done += until - from;
        from = until;
        report?.({ phase: 'audit', item: gallery, done, total });
        await nextTask();
        throwIfAborted(signal);
      }
    }
    return { findings };
  }

  #passes(ground: Ground): readonly Pass[] {
    const { matrix, index, select } = ground;
    const firsts = index.members.map((faces) => faces[0] as number);
    const named = namedSingles(matrix, index, textHash(this.#database.tag('')));
    const seqs = Float64Array.from(matrix.seqsOf(select())).sort();
    return [
      {
        ...{ code: 'a', kind: 'unlike', probes: firsts },
        check: async (from, until) => {
          const found: (readonly EngineFinding[])[] = [];
          for (let i = from; i < until; i++) found.push(await this.#unlike(ground, i + 1));
          return found;
        },
      },
      {
        ...{ code: 'b', kind: 'alike', probes: firsts },
        check: (from, until) => this.#alikeTemplates(ground, named, from, until),
      },
      {
        ...{ code: 'c', kind: 'alike', probes: named },
        check: async (from, until) => {
          const rows = (): Bitmap => matrix.rowsOf(named);
          const sides = await this.#laterPairs(ground, 'alike', named.subarray(from, until), rows);
          return withoutApart(this.#database, await this.#tell(ground, 'alike', sides));
        },
      },
      {
        ...{ code: 'd', kind: 'duplicate', probes: seqs },
        check: async (from, until) => {
          const sides = await this.#laterPairs(ground, 'duplicate', seqs.subarray(from, until), select);
          return this.#tell(ground, 'duplicate', sides);
        },
      },
    ];
  }

  /** The faces of a template that are unlike the others. */
  async #unlike(ground: Ground, template: number): Promise<readonly EngineFinding[]> {
    const { matrix, index, request } = ground;
    const members = [...index.membersOf(template)];
    const vectors = await rowVectorsOf(this.#database, matrix, request.modelId, members);
    const looks = members.flatMap((seq): (Look & { seq: number })[] => {
      const embedding = vectors.get(seq);
      return embedding
        ? [{ seq, ...lookForTemplate({ embedding, reliability: reliabilityOf(matrix, seq) }) }]
        : [];
    });
    const mean = meanOfLooks(looks);
    const isLike = checkOf(ground.levels.unlike);
    const found: EngineFinding[] = [];
    // Of two namesakes nothing tells which is wrong: the later one is told.
    for (const look of looks.length === 2 ? looks.slice(1) : looks) {
      const rest = mean && templateOfMean(withoutLook(mean, look));
      if (!rest) continue;
      const cosine = scalarDot(rest.vector, look.embedding);
      if (isLike(cosine, look.reliability as number, rest.reliability)) continue;
      const others = looks.filter((other) => other !== look).map(({ seq }) => seq);
      const [finding] = (await this.#tell(ground, 'unlike', [[[[look.seq], others, cosine]]]))[0] ?? [];
      if (!finding) continue;
      const [face, namesakes] = finding.sides;
      const better = await this.#better(ground, look, face.faces[0] as FaceRecord);
      found.push({
        ...finding,
        sides: [face, { ...namesakes, reliability: rest.reliability }],
        ...(better && { better }),
      });
    }
    return found;
  }

  /** Somebody else whom a face is like. @param look - rotated as the rows are */
  async #better(
    { gallery, matrix, request, signal }: Ground,
    look: Look,
    face: FaceRecord,
  ): Promise<EngineFinding['better']> {
    const probe = matrix.rotation?.applyBack(look.embedding) ?? look.embedding;
    const asked = {
      ...{ modelId: request.modelId, probes: [probe], reliabilities: [look.reliability as number] },
      ...{ limit: 3, facesPerPerson: 1, ...request.levels.alike },
    };
    const [people = []] = await this.#people.search(gallery, asked, signal);
    const isOther = ({ record }: { readonly record: FaceRecord }): boolean =>
      personKeyOf(record) !== personKeyOf(face) && (record.meta !== '' || record.personId !== undefined);
    const other = people.find(({ faces }) => faces.some(isOther));
    if (!other) return undefined;
    const { count, reliability, cosine } = other;
    return { faces: other.faces.map(({ record }) => record), count, reliability, cosine };
  }

  /** People with several faces that are like later ones, or like somebody with one. */
  async #alikeTemplates(
    ground: Ground,
    named: Float64Array,
    from: number,
    until: number,
  ): Promise<readonly (readonly EngineFinding[])[]> {
    const { matrix, index, levels, signal } = ground;
    const { templates } = index;
    if (!templates) return [];
    const numbers = Array.from({ length: until - from }, (_, i) => from + i + 1);
    const probes = [...(templates.rowVectorsOf(numbers)?.values() ?? [])];
    const reliabilities = numbers.map((number) => reliabilityOf(templates, number));
    const asked = { probes, reliabilities, level: levels.alike, signal };
    const later = await scanPairs(templates, () => index.everybody(), asked, numbers);
    const alone = await scanPairs(matrix, () => matrix.rowsOf(named), asked);
    const sides = numbers.map((number, i) => [
      ...(later[i] ?? []).map(
        ({ seq, score }) =>
          [[...index.membersOf(number)], [...index.membersOf(seq)], score, number, seq] as const,
      ),
      ...(alone[i] ?? []).map(
        ({ seq, score }) => [[...index.membersOf(number)], [seq], score, number] as const,
      ),
    ]);
    return withoutApart(this.#database, await this.#tell(ground, 'alike', sides));
  }

  /** Some faces with the later ones that they are like. */
  async #laterPairs(
    { matrix, request, levels, signal }: Ground,
    kind: 'alike' | 'duplicate',
    seqs: Float64Array,
    rows: () => Bitmap,
  ): Promise<readonly (readonly Sides[])[]> {
    const vectors = await rowVectorsOf(this.#database, matrix, request.modelId, [...seqs]);
    const there = [...seqs].filter((seq) => vectors.has(seq) && matrix.has(seq));
    const probes = there.map((seq) => vectors.get(seq) as Float32Array);
    const reliabilities = there.map((seq) => reliabilityOf(matrix, seq));
    const asked = { probes, reliabilities, level: levels[kind], signal };
    const found = await scanPairs(matrix, rows, asked, there);
    const byProbe = new Map(
      there.map((probe, i) => [
        probe,
        (found[i] ?? []).map(({ seq, score }): Sides => [[probe], [seq], score]),
      ]),
    );
    return Array.from(seqs, (seq) => byProbe.get(seq) ?? []);
  }

  /** Findings with their records; what has been deleted since is left out. */
  async #tell(
    { matrix, index }: Ground,
    kind: AuditKind,
    probes: readonly (readonly Sides[])[],
  ): Promise<readonly (readonly EngineFinding[])[]> {
    const wanted = probes.flat().flatMap(([a, b]) => [...a.slice(0, TOLD_FACES), ...b.slice(0, TOLD_FACES)]);
    const faces = wanted.length > 0 ? await this.#database.readFaces([...new Set(wanted)]) : [];
    const records = new Map(faces.map((face) => [face.seq, toRecord(face)]));
    const sideOf = (seqs: readonly number[], template: number | undefined): EngineAudited => ({
      faces: seqs.slice(0, TOLD_FACES).flatMap((seq) => records.get(seq) ?? []),
      count: seqs.length,
      reliability:
        template !== undefined && index.templates
          ? reliabilityOf(index.templates, template)
          : reliabilityOf(matrix, seqs[0] as number),
    });
    return probes.map((some) =>
      some
        .map(([a, b, cosine, templateA, templateB]): EngineFinding => {
          const sides = [sideOf(a, templateA), sideOf(b, templateB)] as const;
          return { kind, cosine: toCosine(cosine), sides };
        })
        .filter(({ sides }) => sides.every((side) => side.faces.length > 0)),
    );
  }
}

/** The faces of both sides, their cosine, and their templates where they have them. */
type Sides = readonly [
  a: readonly number[],
  b: readonly number[],
  cosine: number,
  templateA?: number,
  templateB?: number,
];
