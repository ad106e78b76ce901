import type { IDBPTransaction } from 'idb';
import type { Quality } from '../../core/quality.ts';
import type { Box } from '../../core/types.ts';
import {
  ASSUMED_RELIABILITY,
  byteReliability,
  reliabilityByte,
  reliabilityOfQuality,
} from '../../core/reliability.ts';
import type { UpgradeTx } from './schema.ts';

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
  readonly quality?: Quality;
  readonly box?: Box;
}

const ASSUMED_BYTE = reliabilityByte(ASSUMED_RELIABILITY);

/**
 * Version 4 keeps the reliability of each embedding, in its record and as a byte beside its vector. Faces whose quality is stored
 * get what that tells ({@link reliabilityOfQuality}). All others are left as they are, sealed records among them, which cannot be
 * opened here: what is missing is read as what is assumed.
 */
export async function fromVersion3(upgrade: UpgradeTx): Promise<void> {
  const tx = upgrade as unknown as Tx3;
  const known = await noteInRecords(tx);
  for (const [modelId, bytes] of known) await noteInSegments(tx, modelId, bytes);
}

/** Answers the byte of each face that got one, by model and number, in the order of the numbers. */
async function noteInRecords(tx: Tx3): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const known = new Map<string, Map<number, number>>();
  for (let cursor = await tx.objectStore('records').openCursor(); cursor; cursor = await cursor.continue()) {
    const { seqs, records } = cursor.value;
    let isChanged = false;
    const noted = records.map((entry, i) => {
      // Most databases have no qualities: reading a record takes longer than seeing that.
      const isTold = typeof entry === 'string' && entry.includes('"quality":');
      const record = isTold ? (JSON.parse(entry) as Record3) : undefined;
      const byte = record?.quality && byteOf(record.quality, record.box);
      if (!record || byte === undefined) return entry;
      isChanged = true;
      const bytes = known.get(record.modelId) ?? new Map<number, number>();
      known.set(record.modelId, bytes.set(seqs[i] as number, byte));
      return JSON.stringify({ ...record, reliability: byteReliability(byte) });
    });
    if (isChanged) await cursor.update({ ...cursor.value, records: noted });
  }
  return known;
}

/** Undefined where the quality is not what it should be: that must not keep the database from being opened. */
function byteOf(quality: Quality, box: Box | undefined): number | undefined {
  const reliability = reliabilityOfQuality(quality, box);
  return Number.isFinite(reliability) ? reliabilityByte(reliability) : undefined;
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
    if (!segment) continue;
    const reliabilities = Uint8Array.from(segment.seqs, (seq) => bytes.get(seq) ?? ASSUMED_BYTE);
    await store.put({ ...segment, reliabilities });
  }
}
