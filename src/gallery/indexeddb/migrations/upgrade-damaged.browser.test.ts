/** Databases of earlier versions of which a part is damaged, opened by the present version. */
import { expect, test } from 'vitest';
import { cut, damageStored } from '../../test-damage.ts';
import { dropDatabase, openEngine, testDatabase, testFace, testVector } from '../../test-gallery.ts';
import type { RecordBlock, SegmentRow, StoreName } from '../schema.ts';
import { PLAIN, type Sealer } from '../sealer.ts';
import { writeVersion1, writeVersion2, writeVersion3 } from './test-versions.ts';

type Write = (database: string) => Promise<void>;
type Broken = readonly [store: string, key: IDBValidKey, change: (value: never) => unknown];
type Faces = { readonly listed: number; readonly damaged: number; readonly found: number };

const json = (block: RecordBlock): object => ({
  ...block,
  records: block.records.map((record, i) => (i === 3 ? (record as string).slice(1) : record)),
});
const plain =
  (write: (database: string, sealer: Sealer, keys: undefined) => Promise<void>): Write =>
  (database) =>
    write(database, PLAIN, undefined);
const version2 = plain(writeVersion2);
const version3 = plain(writeVersion3);
const withoutSeqs = ({ seqs: _, ...row }: SegmentRow): object => row;
const shortVectors = (row: SegmentRow): object => ({ ...row, vectors: cut(row.vectors as Float32Array) });
const onlyKey = ({ seq }: { readonly seq: number }): object => ({ seq });
const gone = (): undefined => undefined;

/** How many faces are listed afterwards and how many damaged, and one that is found. */
const brokenDatabases: readonly (readonly [string, Write, Broken, Faces])[] = [
  [
    '1: a segment without vectors',
    writeVersion1,
    ['segments', 1, ({ vectors: _, ...row }: SegmentRow) => row],
    { listed: 630, damaged: 461, found: 513 },
  ],
  [
    '1: a segment cut off',
    writeVersion1,
    ['segments', 1, shortVectors],
    { listed: 630, damaged: 230, found: 1 },
  ],
  ['1: a face gone', writeVersion1, ['faces', 7, gone], { listed: 629, damaged: 1, found: 8 }],
  ['1: a face emptied', writeVersion1, ['faces', 7, onlyKey], { listed: 629, damaged: 1, found: 8 }],
  [
    '2: a segment without numbers',
    version2,
    ['vectors', ['model-8', 1], withoutSeqs],
    { listed: 300, damaged: 256, found: 257 },
  ],
  [
    '2: a segment cut off',
    version2,
    ['vectors', ['model-8', 1], shortVectors],
    { listed: 300, damaged: 256, found: 257 },
  ],
  ['2: a face gone', version2, ['faces', 7, gone], { listed: 299, damaged: 1, found: 8 }],
  ['2: a face emptied', version2, ['faces', 7, onlyKey], { listed: 299, damaged: 1, found: 8 }],
  ['3: a record that is no JSON', version3, ['records', 0, json], { listed: 599, damaged: 1, found: 8 }],
  [
    '3: a block without records',
    version3,
    ['records', 0, ({ records: _, ...block }: RecordBlock) => block],
    { listed: 569, damaged: 31, found: 32 },
  ],
  [
    '3: a block without numbers',
    version3,
    ['records', 0, ({ seqs: _, ...block }: RecordBlock) => block],
    { listed: 569, damaged: 31, found: 32 },
  ],
  ['3: a block gone', version3, ['records', 0, gone], { listed: 569, damaged: 31, found: 32 }],
  [
    '3: a segment without numbers',
    version3,
    ['vectors', ['model-8', 1], withoutSeqs],
    { listed: 600, damaged: 256, found: 257 },
  ],
  [
    '3: a segment cut off',
    version3,
    ['vectors', ['model-8', 1], shortVectors],
    { listed: 600, damaged: 256, found: 257 },
  ],
];

test.each(brokenDatabases)(
  'what is damaged in a database of version %s, is damaged afterwards, and the rest is whole',
  async (_, write, [store, key, change], { listed, damaged, found }) => {
    const database = testDatabase();
    await write(database);
    await damageStored(database, store as StoreName, key, change);
    const engine = await openEngine(database);
    try {
      expect((await engine.checkStored()).faces).toBe(damaged);
      expect((await engine.listFaces('default', { limit: 1000 })).records).toHaveLength(listed);
      const search = { modelId: 'model-8', probes: [testVector(found)], limit: 1, minCosine: 0.9999 };
      expect((await engine.search('default', search))[0]?.[0]?.record.id).toBe(`face-${found}`);
      await engine.addFaces([testFace(2000)]);
      const all = (await engine.usage()).faces;
      expect(await engine.clearDamaged()).toEqual({ faces: damaged, galleries: 0 });
      expect(await engine.usage()).toMatchObject({ faces: all - damaged, damaged: { faces: 0 } });
      expect(await engine.count('default')).toBe(all - damaged);
    } finally {
      engine.close();
      await dropDatabase(database);
    }
  },
);
