import { rotatedAs, type SecretRotation } from '../../core/secret-rotation.ts';
import { damagedEmbedding } from '../gallery-errors.ts';
import { groupBy } from '../group-by.ts';
import type { FaceKeys } from '../face-keys.ts';
import { allFaces, blockOf } from './records.ts';
import { type ReadTx, SEGMENT_ROWS, type StoredSegment, type WriteTx } from './schema.ts';
import { segmentRow, wholeSegment } from './rows.ts';
import { joinSegments, keysIn, rowIn, segmentFrom, sliceOf, withRows } from './segment-rows.ts';
import type { StoredFace, StoredModel } from '../stored.ts';
import { columnsOf, type Encode, groupsOf, type NewRow } from '../face-rows.ts';

/** Runs of segments that are read at a time: some dozens of megabytes at most. */
const RUNS_AT_ONCE = 32;

/** All segments of a model. */
const ofModel = (modelId: string): IDBKeyRange => IDBKeyRange.bound([modelId], [modelId, []]);

/** Appends the vectors of new faces of a model to its last segment, unless that is damaged. Returns them as one segment. */
export async function appendRows(
  tx: WriteTx,
  modelId: string,
  rows: readonly NewRow[],
  encode: Encode,
): Promise<StoredSegment> {
  const known = tx.state.models.get(modelId);
  const whole = segmentFrom(tx.sealer.rotations, modelId, rows, encode);
  const model = known ?? { dimension: whole.dimension, faces: 0, segments: 0 };
  const tail = model.segments > 0 ? await lastSegment(tx, modelId) : undefined;
  let { segments } = model;
  let taken = 0;
  const puts: Promise<void>[] = [];
  if (tail && tail.seqs.length < SEGMENT_ROWS) {
    taken = Math.min(rows.length, SEGMENT_ROWS - tail.seqs.length);
    puts.push(putSegment(tx, joinSegments(tail, sliceOf(whole, 0, taken))));
  }
  for (; taken < rows.length; taken += SEGMENT_ROWS, segments++)
    puts.push(putSegment(tx, sliceOf(whole, taken, taken + SEGMENT_ROWS)));
  await Promise.all(puts);
  const counted = { dimension: model.dimension, segments, faces: model.faces + rows.length };
  countModel(tx, modelId, counted);
  return whole;
}

/**
 * Puts a face's new vector in the place of its old one. Returns it as a segment of its own.
 *
 * @throws NearFaceError `STORAGE_FAILED` where the old one is damaged, and so in no segment
 */
export async function replaceRow(
  tx: WriteTx,
  { modelId, id }: Pick<StoredFace, 'modelId' | 'id'>,
  row: NewRow,
  encode: Encode,
): Promise<StoredSegment> {
  const segment = await segmentWith(tx, modelId, row.seq);
  if (!segment) throw damagedEmbedding(id);
  const own = segmentFrom(tx.sealer.rotations, modelId, [row], encode);
  const at = rowIn(segment, row.seq);
  const end = segment.seqs.length;
  const parts = [
    ...(at > 0 ? [sliceOf(segment, 0, at)] : []),
    own,
    ...(at + 1 < end ? [sliceOf(segment, at + 1, end)] : []),
  ];
  // Where it began it still begins: a face before may be gone.
  await putSegment(tx, { ...parts.reduce(joinSegments), first: segment.first });
  return own;
}

function countModel(tx: WriteTx, modelId: string, model: StoredModel): void {
  const models = new Map(tx.state.models);
  if (model.faces > 0) models.set(modelId, model);
  else models.delete(modelId);
  tx.state = { ...tx.state, models };
}

/** Counts faces of a model whose vectors are damaged and lie in no segment. */
export function countMissing(tx: WriteTx, modelId: string, dimension: number, faces: number): void {
  const model = tx.state.models.get(modelId) ?? { dimension, faces: 0, segments: 0 };
  countModel(tx, modelId, { ...model, faces: model.faces + faces });
}

async function putSegment(tx: WriteTx, segment: StoredSegment): Promise<void> {
  await tx.objectStore('vectors').put(segmentRow(tx.sealer, segment));
}

async function lastSegment(tx: ReadTx, modelId: string, upTo?: number): Promise<StoredSegment | undefined> {
  const range = upTo === undefined ? ofModel(modelId) : IDBKeyRange.bound([modelId], [modelId, upTo]);
  const cursor = await tx.objectStore('vectors').openCursor(range, 'prev');
  return cursor ? wholeSegment(tx.sealer, cursor.value, dimensionOf(tx, modelId)) : undefined;
}

/** The first segment of a model that is not damaged, or the next one after another. */
export async function segmentAfter(
  tx: ReadTx,
  modelId: string,
  first?: number,
): Promise<StoredSegment | undefined> {
  for (let after = first; ;) {
    const range =
      after === undefined ? ofModel(modelId) : IDBKeyRange.bound([modelId, after], [modelId, []], true);
    const row = await tx.objectStore('vectors').get(range);
    const segment = row && wholeSegment(tx.sealer, row, dimensionOf(tx, modelId));
    if (!row || segment) return segment;
    after = row.first;
  }
}

function dimensionOf(tx: Pick<ReadTx, 'state'>, modelId: string): number | undefined {
  return tx.state.models.get(modelId)?.dimension;
}

/** The segment that holds a face's vector; none if it is damaged. */
async function segmentWith(tx: ReadTx, modelId: string, seq: number): Promise<StoredSegment | undefined> {
  const segment = await lastSegment(tx, modelId, seq);
  return segment && rowIn(segment, seq) >= 0 ? segment : undefined;
}

/**
 * Calls `change` with every segment that holds some of the faces, and the rows of these. Answers the faces that it has passed over,
 * since their vectors are damaged.
 */
async function eachSegment(
  tx: WriteTx,
  modelId: string,
  seqs: readonly number[],
  change: (segment: StoredSegment, rows: ReadonlySet<number>) => Promise<void>,
): Promise<readonly number[]> {
  const passed: number[] = [];
  const left = seqs.toSorted((a, b) => b - a);
  while (left.length > 0) {
    const segment = await segmentWith(tx, modelId, left.at(-1) as number);
    if (!segment) {
      passed.push(left.pop() as number);
      continue;
    }
    const rows = new Set<number>();
    for (let row; left.length > 0 && (row = rowIn(segment, left.at(-1) as number)) >= 0; left.pop())
      rows.add(row);
    await change(segment, rows);
  }
  return passed;
}

/** Cuts vectors of faces whose records are gone out of their segments, and removes segments that have no others. */
export async function eraseRows(
  tx: WriteTx,
  faces: readonly { readonly seq: number; readonly modelId: string }[],
): Promise<void> {
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId)) {
    const model = tx.state.models.get(modelId) as StoredModel;
    let { segments } = model;
    const seqs = some.map(({ seq }) => seq);
    const damaged = await eachSegment(tx, modelId, seqs, async (segment, gone) => {
      const kept = [...segment.seqs.keys()].filter((row) => !gone.has(row));
      if (kept.length > 0) return putSegment(tx, withRows(segment, kept));
      await tx.objectStore('vectors').delete([modelId, segment.first]);
      segments--;
    });
    segments -= await dropDamaged(tx, modelId, damaged);
    const faces = model.faces - some.length;
    // What may be left of damaged ones belongs to nobody.
    if (faces <= 0) await tx.objectStore('vectors').delete(ofModel(modelId));
    countModel(tx, modelId, { ...model, segments, faces });
  }
}

/** Deletes the damaged segments in which some faces were, if no others are left there. Answers how many those were. */
async function dropDamaged(tx: WriteTx, modelId: string, seqs: readonly number[]): Promise<number> {
  const store = tx.objectStore('vectors');
  const seen = new Set<number>();
  let dropped = 0;
  for (const seq of seqs) {
    const cursor = await store.openCursor(IDBKeyRange.bound([modelId], [modelId, seq]), 'prev');
    const first = cursor?.value.first;
    if (!cursor || first === undefined || seen.has(first)) continue;
    seen.add(first);
    if (wholeSegment(tx.sealer, cursor.value, dimensionOf(tx, modelId))) continue;
    const next = await store.openKeyCursor(IDBKeyRange.bound([modelId, first], [modelId, []], true));
    if (await hasFaces(tx, modelId, first, next ? next.primaryKey[1] : Infinity)) continue;
    await store.delete([modelId, first]);
    dropped++;
  }
  return dropped;
}

/** Whether there is a face of a model with a number from `first` up to `end`. */
async function hasFaces(tx: ReadTx, modelId: string, first: number, end: number): Promise<boolean> {
  for await (const face of allFaces(tx, blockOf(first))) {
    if (face.seq >= end) return false;
    if (face.seq >= first && face.modelId === modelId) return true;
  }
  return false;
}

/** Notes in the segments what some faces of a model are found by now. */
export async function changeKeys(tx: WriteTx, modelId: string, faces: readonly FaceKeys[]): Promise<void> {
  const changed = new Map(faces.map((face) => [face.seq, face]));
  await eachSegment(tx, modelId, [...changed.keys()], async (segment) => {
    const keys = keysIn(segment).map((face) => changed.get(face.seq) ?? face);
    const groups = groupsOf(keys.map(({ galleries }) => galleries));
    await putSegment(tx, { ...segment, ...columnsOf(keys), groups });
  });
}

/** Whether so many segments are so empty that joining them is worth it. */
export function isSparse({ faces, segments }: StoredModel): boolean {
  return segments > 1 && faces < (segments * SEGMENT_ROWS) / 2;
}

/**
 * Joins neighbours among the next `most` (two at least) segments of a model from `from` on wherever both fit into one. Damaged ones
 * stay as they are. Returns where to go on, or nothing at the end.
 */
export async function compactSegments(
  tx: WriteTx,
  modelId: string,
  from: number,
  most: number,
): Promise<number | undefined> {
  const model = tx.state.models.get(modelId);
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
    const segment = wholeSegment(tx.sealer, row, model.dimension);
    if (joined && segment && joined.seqs.length + segment.seqs.length <= SEGMENT_ROWS) {
      joined = joinSegments(joined, segment);
      changed = true;
      await tx.objectStore('vectors').delete([modelId, row.first]);
      removed++;
    } else {
      await save();
      joined = segment;
      changed = false;
    }
  }
  await save();
  if (removed > 0) countModel(tx, modelId, { ...model, segments: model.segments - removed });
  // The last one may take in what follows it.
  return rows.length < most ? undefined : (joined?.first ?? rows.at(-1)?.first);
}

/** A copy of one vector. @throws NearFaceError `STORAGE_FAILED` if it is damaged */
export async function readVector(
  tx: ReadTx,
  { seq, id, modelId }: { readonly seq: number; readonly id: string; readonly modelId: string },
): Promise<Float32Array<ArrayBuffer>> {
  const vector = (await readVectors(tx, modelId, [seq])).get(seq);
  if (vector) return vector;
  throw damagedEmbedding(id);
}

/** Copies of some vectors of a model by their faces' numbers; those that are gone or damaged are left out. */
export async function readVectors(
  tx: ReadTx,
  modelId: string,
  seqs: readonly number[],
  rows?: SecretRotation,
): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
  const found = new Map<number, Float32Array<ArrayBuffer>>();
  await eachRun(tx, modelId, seqs, (segment, places) => {
    for (const row of places) found.set(segment.seqs[row] as number, vectorIn(tx, segment, row, rows));
  });
  return found;
}

/** A copy of the vector of a row, as it was given, or rotated as `as` says. */
export function vectorIn(
  { sealer }: Pick<ReadTx, 'sealer'>,
  { modelId, dimension, vectors }: StoredSegment,
  row: number,
  as?: SecretRotation,
): Float32Array<ArrayBuffer> {
  return rotatedAs(sealer.rotations, modelId, vectors.slice(row * dimension, (row + 1) * dimension), as);
}

/** What some faces of a model are found by; those that are gone are left out. */
export async function readKeys(
  tx: Pick<ReadTx, 'objectStore' | 'sealer' | 'state'>,
  modelId: string,
  seqs: Float64Array,
): Promise<ReadonlyMap<number, FaceKeys>> {
  const found = new Map<number, FaceKeys>();
  await eachRun(tx, modelId, seqs, (segment, rows) => {
    for (const face of keysIn(segment, rows)) found.set(face.seq, face);
  });
  return found;
}

/** Calls `take` with every segment that holds some of the faces, and the rows of these. */
async function eachRun(
  tx: Pick<ReadTx, 'objectStore' | 'sealer' | 'state'>,
  modelId: string,
  seqs: Iterable<number>,
  take: (segment: StoredSegment, rows: readonly number[]) => void,
): Promise<void> {
  const readRun = async (run: readonly [number, ...number[]]): Promise<void> => {
    for (const segment of await segmentsOf(tx, modelId, run[0], run.at(-1) as number)) {
      const rows = run.map((seq) => rowIn(segment, seq)).filter((row) => row >= 0);
      if (rows.length > 0) take(segment, rows);
    }
  };
  const runs = runsOf(seqs);
  for (let from = 0; from < runs.length; from += RUNS_AT_ONCE)
    await Promise.all(runs.slice(from, from + RUNS_AT_ONCE).map(readRun));
}

/** The numbers in runs of neighbours: few segments lie between them that hold none, and a run is in 17 at most. */
function runsOf(seqs: Iterable<number>): readonly [number, ...number[]][] {
  const runs: [number, ...number[]][] = [];
  for (const seq of Float64Array.from(seqs).sort()) {
    const run = runs.at(-1);
    const isNear = run && seq - (run.at(-1) as number) < SEGMENT_ROWS && seq - run[0] < 16 * SEGMENT_ROWS;
    if (isNear) run.push(seq);
    else runs.push([seq]);
  }
  return runs;
}

/** The segments that may hold faces from `first` to `last`; damaged ones are left out. */
export async function segmentsOf(
  tx: Pick<ReadTx, 'objectStore' | 'sealer' | 'state'>,
  modelId: string,
  first: number,
  last: number,
): Promise<readonly StoredSegment[]> {
  const store = tx.objectStore('vectors');
  const before = IDBKeyRange.bound([modelId], [modelId, first]);
  const cursor = await store.openKeyCursor(before, 'prev');
  const from = cursor?.primaryKey ?? [modelId];
  const rows = await store.getAll(IDBKeyRange.bound(from, [modelId, last]));
  return rows
    .map((row) => wholeSegment(tx.sealer, row, dimensionOf(tx, modelId)))
    .filter((segment) => segment !== undefined);
}
