import { personTemplate } from '../core/person-template.ts';
import { nextTask } from '../core/next-task.ts';
import { byteReliability, reliabilityByte } from '../core/reliability.ts';
import { Bitmap } from '../search/bitmap.ts';
import type { SearchMatrix } from '../search/matrix.ts';

/** Faces whose vectors are read at a time when templates are made. */
const BATCH = 4096;

/** The group that all templates are in. */
const ALL = 'all';

/** What templates are made of. */
export interface TemplateSource {
  /** The faces. */
  readonly matrix: SearchMatrix;
  /** The hash of what faces without a name carry for one. */
  readonly noMeta: number;
  /** Vectors in full precision, rotated as the matrix's rows are: so are means of them. Faces that are gone are left out. */
  readonly read: (seqs: readonly number[]) => Promise<ReadonlyMap<number, Float32Array>>;
  /** An empty matrix for as long vectors, rotated as the faces' are. */
  readonly newMatrix: () => SearchMatrix;
}

/** The people of some rows of a matrix: those with several faces as templates, the others by their only faces. */
export class PersonIndex {
  /** That of the faces' matrix that it was made of. */
  readonly version: object;
  /** Numbered from 1; absent where nobody has several faces. */
  readonly templates: SearchMatrix | undefined;
  /** Of each template. */
  readonly #members: readonly Float64Array[];
  /** Faces that are somebody's only ones. */
  readonly #singles: Float64Array;
  #singleRows: { readonly version: object; readonly rows: Bitmap } | undefined;

  private constructor(
    version: object,
    singles: Float64Array,
    members: readonly Float64Array[],
    templates: SearchMatrix | undefined,
  ) {
    this.version = version;
    this.#singles = singles;
    this.#members = members;
    this.templates = templates;
  }

  /** Sorts the rows' faces by whom they are of, and makes the templates. */
  static async build(source: TemplateSource, rows: Bitmap): Promise<PersonIndex> {
    const { matrix } = source;
    const { version } = matrix;
    const { singles, groups } = groupRows(matrix, rows, source.noMeta);
    const members: Float64Array[] = [];
    const alone: number[] = [];
    let templates: SearchMatrix | undefined;
    for (let from = 0; from < groups.length;) {
      let [until, count] = [from, 0];
      while (until < groups.length && count < BATCH) count += (groups[until++] as Float64Array).length;
      const batch = groups.slice(from, until);
      const made = await makeTemplates(source, batch);
      templates ??= source.newMatrix();
      const kept = batch.filter((_, i) => made[i]);
      alone.push(...batch.filter((_, i) => !made[i]).flatMap((group) => [...group]));
      addTemplates(
        templates,
        members.length + 1,
        made.filter((each) => each !== undefined),
      );
      members.push(...kept);
      from = until;
      await nextTask();
    }
    return new PersonIndex(version, Float64Array.from([...singles, ...alone]).sort(), members, templates);
  }

  /** How many people there are. */
  get size(): number {
    return this.#members.length + this.#singles.length;
  }

  /** The faces of a template. */
  membersOf(template: number): Float64Array {
    return this.#members[template - 1] ?? new Float64Array();
  }

  /** All templates, as rows of their matrix. */
  everybody(): Bitmap {
    return this.templates?.select([ALL]) ?? new Bitmap();
  }

  /** The only faces, as rows of the faces' matrix; it holds for a scan that is started at once. */
  singlesOf(matrix: SearchMatrix): Bitmap {
    if (this.#singleRows?.version !== matrix.version) {
      this.#singleRows = { version: matrix.version, rows: matrix.rowsOf(this.#singles) };
    }
    return this.#singleRows.rows;
  }

  /** By template, its faces; the order is that of {@link PersonIndex.templates}. */
  get members(): readonly Float64Array[] {
    return this.#members;
  }

  /** Faces that are somebody's only ones, by number. */
  get singles(): Float64Array {
    return this.#singles;
  }
}

/** The faces of some rows by whom they are of, those with one alone apart; each in the order of enrolment. */
function groupRows(
  matrix: SearchMatrix,
  rows: Bitmap,
  noMeta: number,
): { readonly singles: readonly number[]; readonly groups: readonly Float64Array[] } {
  const singles: number[] = [];
  const byKey = new Map<number, number | number[]>();
  const { facts, rowCount } = matrix;
  for (let row = 0; row < rowCount; row++) {
    if (!rows.has(row)) continue;
    const [seq, person, meta] = [matrix.seqAt(row), facts.persons.at(row), facts.metas.at(row)];
    // Persons and names are hashes of one range: those of names are taken as negative.
    const key = person !== 0 ? person : meta === noMeta ? 0 : -meta;
    const known = key === 0 ? undefined : byKey.get(key);
    if (key === 0) singles.push(seq);
    else if (known === undefined) byKey.set(key, seq);
    else if (typeof known === 'number') byKey.set(key, [known, seq]);
    else known.push(seq);
  }
  const groups: Float64Array[] = [];
  for (const faces of byKey.values())
    if (typeof faces === 'number') singles.push(faces);
    else groups.push(Float64Array.from(faces).sort());
  groups.sort((a, b) => (a[0] as number) - (b[0] as number));
  return { singles: singles.sort((a, b) => a - b), groups };
}

type Made = NonNullable<ReturnType<typeof personTemplate>>;

async function makeTemplates(
  { matrix, read }: TemplateSource,
  groups: readonly Float64Array[],
): Promise<readonly (Made | undefined)[]> {
  const vectors = await read(groups.flatMap((group) => [...group]));
  return groups.map((group) => {
    const looks = [...group].flatMap((seq) => {
      const embedding = vectors.get(seq);
      const row = matrix.rowOf(seq);
      if (!embedding || row < 0) return [];
      return [{ embedding, reliability: byteReliability(matrix.facts.reliabilities.at(row)) }];
    });
    return personTemplate(looks) ?? surest(looks);
  });
}

/** Faces that cancel each other out are one person all the same, who is as the surest of them. */
function surest(
  looks: readonly { readonly embedding: Float32Array; readonly reliability: number }[],
): Made | undefined {
  const [first] = looks.toSorted((a, b) => b.reliability - a.reliability);
  return first && { vector: first.embedding.slice(), reliability: first.reliability };
}

function addTemplates(templates: SearchMatrix, first: number, made: readonly Made[]): void {
  const { dimension } = templates;
  const vectors = new Float32Array(made.length * dimension);
  made.forEach(({ vector }, i) => vectors.set(vector, i * dimension));
  templates.addAll({
    seqs: made.map((_, i) => first + i),
    vectors,
    reliabilities: made.map(({ reliability }) => reliabilityByte(reliability)),
    groups: [{ name: ALL, bits: new Uint8Array(Math.ceil(made.length / 8)).fill(255) }],
  });
}
