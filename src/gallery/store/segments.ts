import { wrongDimension } from '../gallery-errors.ts';
import type { PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import { joinBytes } from '../join-bytes.ts';
import {
  type ReadTx,
  readState,
  SEGMENT_ROWS,
  type StoredModel,
  type StoredSegment,
  type WriteTx,
} from './schema.ts';
import type { RowGroup } from '../../search/matrix.ts';
import { segmentOf, segmentRow } from './rows.ts';

/** All segments of a model. */
const ofModel = (modelId: string): IDBKeyRange => IDBKeyRange.bound([modelId], [modelId, []]);

/**
 * Gives each face a sequence number and appends its vector to the last segment of its model. Everything is read
 * inside the transaction, so that two pages cannot hand out a number twice.
 */
export async function appendVectors(
  tx: WriteTx,
  faces: readonly (Pick<PreparedFace, 'modelId' | 'vector' | 'galleries'> & {
    readonly timestamp: number;
    readonly code: Uint8Array;
  })[],
): Promise<readonly number[]> {
  const state = await readState(tx);
  const models = new Map(state.models);
  const numbered = faces.map((face, index) => ({ ...face, index, seq: state.nextSeq + index }));
  for (const [modelId, some] of groupBy(numbered, (face) => face.modelId)) {
    const known = models.get(modelId);
    const dimension = known?.dimension ?? some[0].vector.length;
    const wrong = some.find(({ vector }) => vector.length !== dimension);
    if (wrong) throw wrongDimension(`faces[${wrong.index}].vector`, wrong.vector.length, dimension, modelId);
    const model = known ?? { dimension, faces: 0, segments: 0 };
    models.set(modelId, await append(tx, modelId, model, some));
  }
  await tx.objectStore('state').put({ ...state, models, nextSeq: state.nextSeq + faces.length }, 'state');
  return numbered.map(({ seq }) => seq);
}

interface Row {
  readonly seq: number;
  readonly timestamp: number;
  readonly vector: Float32Array;
  readonly code: Uint8Array;
  readonly galleries: readonly string[];
}

async function append(
  tx: WriteTx,
  modelId: string,
  model: StoredModel,
  rows: readonly Row[],
): Promise<StoredModel> {
  const { dimension } = model;
  const tail = model.segments > 0 ? await lastSegment(tx, modelId) : undefined;
  let { segments } = model;
  let taken = 0;
  if (tail && tail.seqs.length < SEGMENT_ROWS) {
    taken = Math.min(rows.length, SEGMENT_ROWS - tail.seqs.length);
    await putSegment(tx, joinSegments(tail, segmentFrom(tx, modelId, dimension, rows.slice(0, taken))));
  }
  for (; taken < rows.length; taken += SEGMENT_ROWS, segments++)
    await putSegment(tx, segmentFrom(tx, modelId, dimension, rows.slice(taken, taken + SEGMENT_ROWS)));
  return { dimension, segments, faces: model.faces + rows.length };
}

function segmentFrom(
  { sealer }: WriteTx,
  modelId: string,
  dimension: number,
  rows: readonly Row[],
): StoredSegment {
  const vectors = new Float32Array(rows.length * dimension);
  rows.forEach(({ vector }, i) => vectors.set(vector, i * dimension));
  const codes = joinBytes(rows.map(({ code }) => code));
  const groups = groupsOf(rows.map(({ galleries }) => galleries.map(sealer.tag)));
  const seqs = Float64Array.from(rows, ({ seq }) => seq);
  const times = Float64Array.from(rows, ({ timestamp }) => timestamp);
  return { modelId, first: seqs[0] as number, dimension, seqs, times, vectors, codes, groups };
}

/** Which of some rows, whose galleries (tags) are given, are in which gallery. */
export function groupsOf(galleries: readonly (readonly string[])[]): readonly RowGroup[] {
  const groups = new Map<string, Uint8Array>();
  galleries.forEach((names, row) => {
    for (const name of names) {
      const bits = groups.get(name) ?? new Uint8Array(SEGMENT_ROWS / 8);
      bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
      groups.set(name, bits);
    }
  });
  return Array.from(groups, ([name, bits]) => ({ name, bits }));
}

/** The galleries of each row. */
export function galleriesOf({ seqs, groups }: StoredSegment): readonly (readonly string[])[] {
  return Array.from(seqs, (_, row) =>
    groups
      .filter(({ bits }) => (((bits[row >> 3] as number) >> (row & 7)) & 1) === 1)
      .map(({ name }) => name),
  );
}

/** The rows of two segments that follow one another, in the place of the first. */
function joinSegments(a: StoredSegment, b: StoredSegment): StoredSegment {
  const vectors = new Float32Array(a.vectors.length + b.vectors.length);
  vectors.set(a.vectors);
  vectors.set(b.vectors, a.vectors.length);
  return {
    ...a,
    seqs: Float64Array.from([...a.seqs, ...b.seqs]),
    times: Float64Array.from([...a.times, ...b.times]),
    vectors,
    // A segment of an earlier version has none.
    codes: a.codes.length > 0 && b.codes.length > 0 ? joinBytes([a.codes, b.codes]) : new Uint8Array(0),
    groups: groupsOf([...galleriesOf(a), ...galleriesOf(b)]),
  };
}

async function putSegment(tx: WriteTx, segment: StoredSegment): Promise<void> {
  await tx.objectStore('vectors').put(segmentRow(tx.sealer, segment));
}

async function lastSegment(tx: ReadTx, modelId: string, upTo?: number): Promise<StoredSegment | undefined> {
  const range = upTo === undefined ? ofModel(modelId) : IDBKeyRange.bound([modelId], [modelId, upTo]);
  const cursor = await tx.objectStore('vectors').openCursor(range, 'prev');
  return cursor ? segmentOf(tx.sealer, cursor.value) : undefined;
}

/** The segment that holds a face's vector. */
async function segmentWith(tx: ReadTx, modelId: string, seq: number): Promise<StoredSegment> {
  const segment = await lastSegment(tx, modelId, seq);
  if (segment && rowIn(segment, seq) >= 0) return segment;
  throw new Error(`the vector of face ${seq} is missing`);
}

function rowIn({ seqs }: StoredSegment, seq: number): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] as number) < seq) low = middle + 1;
    else high = middle;
  }
  return seqs[low] === seq ? low : -1;
}

/** Calls `change` with every segment that holds some of the faces, and the rows of these. */
async function eachSegment(
  tx: WriteTx,
  modelId: string,
  seqs: readonly number[],
  change: (segment: StoredSegment, rows: ReadonlySet<number>) => Promise<void>,
): Promise<void> {
  const left = seqs.toSorted((a, b) => b - a);
  while (left.length > 0) {
    const segment = await segmentWith(tx, modelId, left.at(-1) as number);
    const rows = new Set<number>();
    for (let row; left.length > 0 && (row = rowIn(segment, left.at(-1) as number)) >= 0; left.pop())
      rows.add(row);
    await change(segment, rows);
  }
}

/** Cuts vectors out of their segments, and removes segments that have no others. */
export async function eraseVectors(
  tx: WriteTx,
  faces: readonly { readonly seq: number; readonly modelId: string }[],
): Promise<void> {
  if (faces.length === 0) return;
  const state = await readState(tx);
  const models = new Map(state.models);
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId)) {
    const model = models.get(modelId) as StoredModel;
    let { segments } = model;
    const seqs = some.map(({ seq }) => seq);
    await eachSegment(tx, modelId, seqs, async (segment, gone) => {
      const kept = [...segment.seqs.keys()].filter((row) => !gone.has(row));
      if (kept.length > 0) return putSegment(tx, withRows(segment, kept));
      await tx.objectStore('vectors').delete([modelId, segment.first]);
      segments--;
    });
    const counted = { ...model, segments, faces: model.faces - some.length };
    if (counted.faces > 0) models.set(modelId, counted);
    else models.delete(modelId);
  }
  await tx.objectStore('state').put({ ...state, models }, 'state');
}

/** Notes in the segments which galleries (tags) some faces have entered and left. */
export async function changeGroups(
  tx: WriteTx,
  faces: readonly { readonly seq: number; readonly modelId: string }[],
  into: readonly string[],
  out: readonly string[],
): Promise<void> {
  if (into.length + out.length === 0) return;
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId)) {
    const seqs = some.map(({ seq }) => seq);
    await eachSegment(tx, modelId, seqs, async (segment, rows) => {
      const galleries = galleriesOf(segment).map((names, row) =>
        rows.has(row) ? [...new Set([...names.filter((name) => !out.includes(name)), ...into])] : names,
      );
      await putSegment(tx, { ...segment, groups: groupsOf(galleries) });
    });
  }
}

function withRows(segment: StoredSegment, rows: readonly number[]): StoredSegment {
  const { dimension } = segment;
  const codeBytes = segment.codes.length / segment.seqs.length;
  const galleries = galleriesOf(segment);
  const vectors = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) =>
    vectors.set(segment.vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension),
  );
  return {
    ...segment,
    seqs: Float64Array.from(rows, (row) => segment.seqs[row] as number),
    times: Float64Array.from(rows, (row) => segment.times[row] as number),
    vectors,
    codes: joinBytes(rows.map((row) => segment.codes.subarray(row * codeBytes, (row + 1) * codeBytes))),
    groups: groupsOf(rows.map((row) => galleries[row] as readonly string[])),
  };
}

/** Whether so many segments are so empty that joining them is worth it. */
export function isSparse({ faces, segments }: StoredModel): boolean {
  return segments > 1 && faces < (segments * SEGMENT_ROWS) / 2;
}

/**
 * Joins neighbours among the next `most` (two at least) segments of a model from `from` on wherever both fit into one. Returns
 * where to go on, or nothing at the end.
 */
export async function compactSegments(
  tx: WriteTx,
  modelId: string,
  from: number,
  most: number,
): Promise<number | undefined> {
  const state = await readState(tx);
  const model = state.models.get(modelId);
  if (!model) return undefined;
  const rows = await tx
    .objectStore('vectors')
    .getAll(IDBKeyRange.bound([modelId, from], [modelId, []]), most);
  let removed = 0;
  let joined: StoredSegment | undefined;
  let changed = false;
  const save = async (): Promise<void> => {
    if (joined && changed) await putSegment(tx, joined);
  };
  for (const row of rows) {
    if (joined && joined.seqs.length + row.seqs.length <= SEGMENT_ROWS) {
      joined = joinSegments(joined, segmentOf(tx.sealer, row));
      changed = true;
      await tx.objectStore('vectors').delete([modelId, row.first]);
      removed++;
    } else {
      await save();
      joined = segmentOf(tx.sealer, row);
      changed = false;
    }
  }
  await save();
  if (removed > 0) {
    const models = new Map(state.models).set(modelId, { ...model, segments: model.segments - removed });
    await tx.objectStore('state').put({ ...state, models }, 'state');
  }
  // The last one may take in what follows it.
  return rows.length < most ? undefined : joined?.first;
}

/** A copy of one vector. */
export async function readVector(
  tx: ReadTx,
  { seq, modelId }: { readonly seq: number; readonly modelId: string },
): Promise<Float32Array<ArrayBuffer>> {
  const segment = await segmentWith(tx, modelId, seq);
  const row = rowIn(segment, seq);
  const { dimension, vectors } = segment;
  return Float32Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
}

/** Copies of some vectors of a model by their faces' numbers; those that are gone are left out. */
export async function readVectors(
  tx: ReadTx,
  modelId: string,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Float32Array>> {
  const found = new Map<number, Float32Array>();
  const left = seqs.toSorted((a, b) => a - b);
  while (left.length > 0) {
    const segment = await lastSegment(tx, modelId, left.at(-1));
    if (!segment) break;
    while (left.length > 0 && (left.at(-1) as number) >= segment.first) {
      const seq = left.pop() as number;
      const row = rowIn(segment, seq);
      const { dimension, vectors } = segment;
      if (row >= 0) found.set(seq, vectors.slice(row * dimension, (row + 1) * dimension));
    }
  }
  return found;
}
