import { expect } from 'vitest';
import { type InspectedFace, type Place, type Subject } from '../contract/test-subject.ts';
import { galleryContract } from '../contract/test-contract.ts';
import { keysOf } from '../face-keys.ts';
import { columnsOf } from '../face-rows.ts';
import type { StoredFace } from '../stored.ts';
import { dropDatabase, rawStore, testDatabase, testKernel } from '../test-gallery.ts';
import { indexedDb } from './indexeddb-database.ts';
import { facesOf } from './records.ts';
import { type RecordBlock, SEGMENT_ROWS, type StoredSegment } from './schema.ts';
import { PLAIN } from './sealer.ts';
import { galleriesOf } from './segment-rows.ts';

let kernel: Promise<WebAssembly.Module> | undefined;

function subject(name: string, runs: number, passphrase?: string): Subject {
  return {
    // More than a segment, and than a block of records, holds.
    ...{ name, runs, isRotated: passphrase !== undefined, crowd: SEGMENT_ROWS + 44 },
    kernel: () => (kernel ??= testKernel()),
    place: (): Place => {
      const database = testDatabase();
      return {
        open: indexedDb({ database, key: passphrase }),
        isKept: true,
        ...(passphrase === undefined && { inspect: (faces) => expectStored(database, faces) }),
        drop: () => dropDatabase(database),
      };
    },
  };
}

/** Nothing else is in the raw store, and what lies beside the vectors is what the records tell. */
async function expectStored(database: string, faces: readonly InspectedFace[]): Promise<void> {
  const blocks = (await rawStore(database, 'records')) as RecordBlock[];
  const records = new Map(blocks.flatMap((block) => facesOf(PLAIN, block)).map((face) => [face.seq, face]));
  expect([...records.values()].map(({ id }) => id)).toEqual(faces.map(({ id }) => id));
  const pictures = faces.reduce((sum, face) => sum + face.pictures.length, 0);
  expect(await rawStore(database, 'pictures')).toHaveLength(pictures);
  const segments = (await rawStore(database, 'vectors')) as StoredSegment[];
  for (const segment of segments) {
    const { first, seqs, times, vectors, dimension } = segment;
    const keys = Array.from(seqs, (seq) => keysOf(PLAIN, records.get(seq) as StoredFace));
    expect(segment).toMatchObject(columnsOf(keys));
    expect(galleriesOf(segment).map((names) => names.toSorted())).toEqual(
      keys.map(({ galleries }) => galleries.toSorted()),
    );
    expect(seqs.length).toBeGreaterThan(0);
    expect(seqs.length).toBeLessThanOrEqual(SEGMENT_ROWS);
    expect(first).toBeLessThanOrEqual(seqs[0] as number);
    expect([...seqs].toSorted((x, y) => x - y)).toEqual([...seqs]);
    expect(times.every((time) => time > 0)).toBe(true);
    expect(vectors).toHaveLength(seqs.length * dimension);
  }
  expect(segments.reduce((sum, { seqs }) => sum + seqs.length, 0)).toBe(faces.length);
}

galleryContract(subject('in IndexedDB', 40));
galleryContract(subject('in IndexedDB, encrypted', 4, 'correct horse battery'));
