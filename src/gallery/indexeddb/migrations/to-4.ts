import type { IDBPTransaction } from 'idb';
import type { UpgradeDb } from './step.ts';

/** A block of records of version 3: JSON, or sealed bytes in an encrypted database. */
interface Block3 {
  readonly block: number;
  readonly seqs: readonly number[];
  readonly records: readonly (string | Uint8Array<ArrayBuffer>)[];
}

/** What is looked at of a segment of version 3, and what version 4 adds to it. */
interface Segment3 {
  readonly seqs: Float64Array;
  readonly reliabilities?: Uint8Array<ArrayBuffer>;
}

/** The stores as version 3 left them. */
type Tx3 = IDBPTransaction<
  {
    records: { key: number; value: Block3 };
    vectors: { key: [modelId: string, first: number]; value: Segment3 };
  },
  ['records', 'vectors'],
  'versionchange'
>;

/** What is looked at of a record of version 3. */
interface Record3 {
  readonly modelId: string;
  readonly quality?: Quality3;
  readonly box?: Box3;
}

/** What is looked at of the quality of a face. */
interface Quality3 {
  readonly sharpness: number;
  readonly alignment: number;
  readonly brightness: number;
}

/** Pixels of the photo. */
interface Box3 {
  readonly width: number;
  readonly height: number;
}

/** What version 4 takes for the reliability of a face of which its record tells nothing, 0.75, as a byte. */
const ASSUMED_BYTE = 191;

/**
 * Version 4 keeps the reliability of each embedding, in its record and as a byte beside its vector. Faces whose quality is stored
 * get what that tells ({@link toldByQuality}). All others are left as they are, sealed records among them, which cannot be
 * opened here: what is missing is read as what is assumed.
 */
export async function toVersion4(_db: UpgradeDb, upgrade: unknown): Promise<void> {
  const tx = upgrade as Tx3;
  const known = await noteInRecords(tx);
  for (const [modelId, bytes] of known) await noteInSegments(tx, modelId, bytes);
}

/** Answers the byte of each face that got one, by model and number, in the order of the numbers. */
async function noteInRecords(tx: Tx3): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const known = new Map<string, Map<number, number>>();
  for (let cursor = await tx.objectStore('records').openCursor(); cursor; cursor = await cursor.continue()) {
    const { seqs, records } = cursor.value;
    if (!Array.isArray(seqs) || !Array.isArray(records)) continue;
    let isChanged = false;
    const noted = (records as Block3['records']).map((entry, i) => {
      const record = toldRecord(entry);
      const byte = record && byteOf(record.quality, record.box);
      const seq: unknown = seqs[i];
      if (!record || byte === undefined || typeof seq !== 'number') return entry;
      isChanged = true;
      const bytes = known.get(record.modelId) ?? new Map<number, number>();
      known.set(record.modelId, bytes.set(seq, byte));
      return JSON.stringify({ ...record, reliability: byte / 255 });
    });
    if (isChanged) await cursor.update({ ...cursor.value, records: noted });
  }
  return known;
}

/** A record that says of which model and quality it is; nothing where it is damaged. */
function toldRecord(entry: unknown): (Record3 & Required<Pick<Record3, 'quality'>>) | undefined {
  // Most databases have no qualities: reading a record takes longer than seeing that.
  if (typeof entry !== 'string' || !entry.includes('"quality":')) return undefined;
  try {
    const record = JSON.parse(entry) as Record3 | null;
    const { modelId, quality } = record ?? {};
    return record && quality && typeof modelId === 'string' ? { ...record, quality } : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where the quality is not what it should be: that must not keep the database from being opened. */
function byteOf(quality: Quality3, box: Box3 | undefined): number | undefined {
  const reliability = toldByQuality(quality, box);
  return Number.isFinite(reliability) ? Math.round(reliability * 255) : undefined;
}

/** A reliability of 0..1: linear in what quality tells, fitted to the reliabilities of half of lfw-dev's people. */
function toldByQuality({ sharpness, alignment, brightness }: Quality3, box: Box3 | undefined): number {
  const side = box ? Math.min(box.width, box.height) : 60;
  const told =
    0.312 * sharpness +
    0.703 * alignment +
    0.641 * Math.min(0, Math.log(side / 60)) -
    0.15 * Math.max(0, -brightness) -
    0.286 * Math.max(0, brightness) +
    -0.047;
  return Math.min(1, Math.max(0, told));
}

async function noteInSegments(tx: Tx3, modelId: string, bytes: ReadonlyMap<number, number>): Promise<void> {
  const store = tx.objectStore('vectors');
  const keys = await store.getAllKeys(IDBKeyRange.bound([modelId], [modelId, []]));
  const firsts = keys.map(([, first]) => first);
  // A face's vector is in the last segment that begins at its number or before.
  const wanted = new Set<number>();
  let at = 0;
  for (const seq of bytes.keys()) {
    while (at + 1 < firsts.length && (firsts[at + 1] as number) <= seq) at++;
    wanted.add(at);
  }
  for (const i of wanted) {
    const segment = await store.get(keys[i] as [string, number]);
    if (!(segment?.seqs instanceof Float64Array)) continue;
    const reliabilities = Uint8Array.from(segment.seqs, (seq) => bytes.get(seq) ?? ASSUMED_BYTE);
    await store.put({ ...segment, reliabilities });
  }
}
