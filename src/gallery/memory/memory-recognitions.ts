/** What jobs that recognise work at and have seen, in their table. */
import type { JobSourceTable } from '../job-tables.ts';
import type { StoredAppearance } from '../port.ts';
import { compareAppearances, facesOfAppearance, withoutFaces } from '../recognition-steps.ts';
import type { MemoryTx } from './memory-tx.ts';
import type { MemoryRecognition } from './tables.ts';

const NOTHING: MemoryRecognition = { pieces: new Map(), checkpoint: null, appearances: [] };

/** What comes in is copied. */
export function sourceTable(tx: MemoryTx): JobSourceTable {
  return {
    addPiece(job, source, bytes) {
      const { pieces } = keptOf(tx, job);
      keep(tx, job, { pieces: new Map(pieces).set(source, [...(pieces.get(source) ?? []), bytes.slice()]) });
    },
    piece: (job, source, no) => keptOf(tx, job).pieces.get(source)?.[no] ?? null,
    dropPieces(job, source) {
      const pieces = new Map(keptOf(tx, job).pieces);
      pieces.delete(source);
      keep(tx, job, { pieces });
    },
    checkpoint: (job) => keptOf(tx, job).checkpoint,
    putCheckpoint: (job, bytes) => keep(tx, job, { checkpoint: bytes.slice() }),
    appearances(job, offset, limit) {
      const { appearances } = keptOf(tx, job);
      return { appearances: appearances.slice(offset, offset + limit), total: appearances.length };
    },
    putAppearances(job, appearances) {
      const isOther = ({ source, track }: StoredAppearance): boolean =>
        !appearances.some((one) => one.source === source && one.track === track);
      const others = keptOf(tx, job).appearances.filter(isOther);
      keep(tx, job, { appearances: [...others, ...structuredClone(appearances)].sort(compareAppearances) });
    },
    dropAppearances: (job, gone) =>
      keep(tx, job, { appearances: keptOf(tx, job).appearances.filter(({ source }) => source !== gone) }),
  };
}

/** Takes away all that is kept of a job. */
export function dropRecognition(tx: MemoryTx, id: string): void {
  tx.journal.delete(tx.recognitions, id);
}

/** Takes what jobs tell of faces that are deleted. */
export function forgetInRecognitions(tx: MemoryTx, ids: readonly string[]): void {
  const gone = new Set(ids);
  for (const [job, { appearances }] of tx.recognitions) {
    if (!appearances.some((each) => facesOfAppearance(each).some((id) => gone.has(id)))) continue;
    keep(tx, job, { appearances: appearances.map((each) => withoutFaces(each, gone)) });
  }
}

function keptOf({ recognitions }: MemoryTx, id: string): MemoryRecognition {
  return recognitions.get(id) ?? NOTHING;
}

function keep(tx: MemoryTx, id: string, changed: Partial<MemoryRecognition>): void {
  tx.journal.set(tx.recognitions, id, { ...keptOf(tx, id), ...changed });
}
