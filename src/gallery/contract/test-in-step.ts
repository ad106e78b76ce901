/** Law: what is found in memory is what the database has. */
import { expect } from 'vitest';
import { reliabilityByte } from '../../core/reliability.ts';
import { shortHash, textHash } from '../../core/text-hash.ts';
import { scalarSearch } from '../../search/scalar.ts';
import { scanAll } from '../../search/test-search.ts';
import { rowFilter } from '../face-filter.ts';
import { groupBy } from '../group-by.ts';
import type { StoredFace } from '../stored.ts';
import { testVector } from '../test-vector.ts';
import { storedFaces } from './test-dump.ts';
import type { Opened } from './test-subject.ts';

/** Holds what the memory finds against what the database tells, for all galleries. */
export async function expectInStep(opened: Opened): Promise<void> {
  const { database, mirror } = opened;
  await database.catchUp();
  const all = new Map<number, StoredFace>();
  for (const { name } of await database.listGalleries()) {
    const faces = await storedFaces(database, name);
    for (const face of faces) all.set(face.seq, face);
    expectGallery(opened, name, faces);
    await expectFound(opened, name, faces);
  }
  for (const { expiresAt = Infinity } of all.values())
    expect(mirror.lookup.nextExpiry).toBeLessThanOrEqual(Math.max(1, expiresAt));
  for (const [modelId, faces] of groupBy(all.values(), (face) => face.modelId)) {
    const matrix = mirror.get(modelId);
    expect(matrix?.size).toBe(faces.length);
    const seqs = faces.map(({ seq }) => seq);
    const stored = await database.readVectors(modelId, seqs);
    expect(new Map(matrix?.vectorsOf([...stored.keys()]))).toEqual(stored);
    // Rows are read as they lie, to the last bit.
    const rows = await database.readVectors(modelId, seqs, matrix?.rotation);
    expect(new Map(matrix?.rowVectorsOf([...rows.keys()]))).toEqual(rows);
    for (const face of faces) {
      const row = matrix?.rowOf(face.seq) ?? -1;
      expect(matrix?.facts.reliabilities.at(row)).toBe(reliabilityByte(face.reliability));
      expect(matrix?.facts.times.at(row)).toBe(face.timestamp);
      expect(matrix?.facts.expiries.at(row)).toBe(face.expiresAt ?? 0);
      expect(matrix?.facts.ids.at(row)).toBe(shortHash(database.tag(face.id)));
    }
  }
}

function expectGallery({ database, mirror }: Opened, gallery: string, faces: readonly StoredFace[]): void {
  const { lookup } = mirror;
  const tag = (text: string): string => database.tag(text);
  const seqsOf = (some: readonly StoredFace[]): readonly number[] => some.map(({ seq }) => seq);
  expect([...lookup.inGallery(tag(gallery))]).toEqual(seqsOf(faces));
  for (const [meta, some] of groupBy(faces, (face) => face.meta)) {
    expect([...lookup.inGallery(tag(gallery), rowFilter(tag, { meta }))]).toEqual(seqsOf(some));
    const found = { hash: textHash(tag(meta)), seq: some[0].seq, count: some.length };
    expect(lookup.metasOf(tag(gallery))).toContainEqual(found);
  }
  for (const [personId, some] of groupBy(faces, (face) => face.personId))
    if (personId !== undefined)
      expect([...lookup.inGallery(tag(gallery), rowFilter(tag, { personId }))]).toEqual(seqsOf(some));
  for (const [cameraId, some] of groupBy(faces, (face) => face.cameraId))
    if (cameraId !== undefined)
      expect([...lookup.inGallery(tag(gallery), rowFilter(tag, { cameraId }))]).toEqual(seqsOf(some));
  for (const { id, seq } of faces) expect(lookup.withIds([tag(id)])).toEqual([seq]);
  for (const [hash, some] of groupBy(faces, (face) => face.photoHash))
    if (hash !== undefined)
      expect(lookup.withPhoto(tag(hash))).toEqual(expect.arrayContaining([...seqsOf(some)]));
}

/** Searches find what plain arithmetic finds. */
async function expectFound(
  { database, mirror }: Opened,
  gallery: string,
  faces: readonly StoredFace[],
): Promise<void> {
  const modelId = faces[0]?.modelId;
  const matrix = modelId === undefined ? undefined : mirror.get(modelId);
  if (!matrix || modelId === undefined) return;
  const seqs = faces.map(({ seq }) => seq);
  const stored = await database.readVectors(modelId, seqs);
  const vectors = Float32Array.from(seqs.flatMap((seq) => [...(stored.get(seq) ?? [])]));
  const probe = testVector(-7, matrix.dimension);
  const [found] = await scanAll(matrix, database.tag(gallery), [probe], 5);
  const expected = scalarSearch({ seqs, vectors }, probe, { limit: 5, minScore: -Infinity });
  expect(found?.map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq));
}
