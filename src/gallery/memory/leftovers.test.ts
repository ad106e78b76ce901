import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { picture, prepared } from '../contract/test-subject.ts';
import { Mirror } from '../mirror.ts';
import { addFaces, deleteFaces, replaceFace } from './faces.ts';
import { importInto } from './memory-imports.ts';
import { MemoryJobs } from './memory-jobs.ts';
import { MemoryRegenerated } from './memory-regenerated.ts';
import { MemoryStore } from './memory-tx.ts';
import type { Tables } from './tables.ts';

const sizes = ({
  faces,
  seqs,
  ids,
  members,
  photos,
  fresh,
  jobs,
  items,
  enrolled,
}: Tables): readonly number[] =>
  [faces, seqs, ids, members, photos, fresh, jobs, items, enrolled].map(({ size }) => size);

test('what is deleted, or taken back, leaves nothing in any table', async () => {
  const kernel = await readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url));
  const store = new MemoryStore('memory', new Mirror({ kernel: await compileKernel(kernel) }));
  const [jobs, regenerated] = [new MemoryJobs(store), new MemoryRegenerated(store)];
  const empty = await store.run(sizes);
  const face = (seed: number) =>
    prepared(seed, { photoHash: `photo ${seed}`, personId: 'p', pictures: [picture('crop', 'crop')] });
  const [first] = await store.run((tx) => addFaces(tx, [face(1), face(2)]));
  const { vector } = prepared(1);
  await regenerated.putRegenerated('other', [{ seq: first?.seq as number, vector }]);
  await jobs.createJob('job', 'default', {});
  await jobs.addJobItems('job', [{ name: 'a', meta: 'a', photo: Uint8Array.of(1), type: 'image/jpeg' }]);
  await jobs.settleJobItem('job', 0, { status: 'added', ids: ['face-1', 'face-2'] });
  const failed = importInto(
    store,
    'default',
    async (into) => {
      await into.store([face(3)]);
      throw new Error('cancelled');
    },
    new AbortController().signal,
  );
  await expect(failed).rejects.toThrow('cancelled');
  expect(await store.run(sizes)).toEqual([2, 2, 2, 1, 2, 1, 1, 1, 2]);
  await store.run((tx) => deleteFaces(tx, 'default', ['face-1', 'face-2']));
  expect(await store.run(({ counters }) => counters.models.size)).toBe(0);
  await regenerated.putRegenerated('other', [{ seq: first?.seq as number, vector }]);
  await jobs.deleteJob('job');
  expect(await store.run(sizes)).toEqual(empty);
});

test('a photo that another takes the place of leaves nothing in any table', async () => {
  const kernel = await readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url));
  const store = new MemoryStore('memory', new Mirror({ kernel: await compileKernel(kernel) }));
  const empty = await store.run(sizes);
  await store.run((tx) => addFaces(tx, [prepared(1, { photoHash: 'a' })]));
  const before = await store.run(sizes);
  await store.run((tx) => replaceFace(tx, null, 'face-1', prepared(2, { photoHash: 'b' })));
  expect(await store.run(sizes)).toEqual(before);
  expect(await store.run(({ photos }) => [...photos.keys()])).toEqual(['b']);
  await store.run((tx) => deleteFaces(tx, null, ['face-1']));
  expect(await store.run(sizes)).toEqual(empty);
});

test('a verb that throws on its way leaves every table as it was', async () => {
  const kernel = await readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url));
  const store = new MemoryStore('memory', new Mirror({ kernel: await compileKernel(kernel) }));
  await store.run((tx) => addFaces(tx, [prepared(1, { photoHash: 'a' })]));
  const before = await store.run(sizes);
  const failed = store.run((tx) => {
    deleteFaces(tx, 'default', ['face-1']);
    addFaces(tx, [prepared(2, { photoHash: 'a' }), prepared(3, { photoHash: 'b' })]);
    throw new Error('half way');
  });
  await expect(failed).rejects.toThrow('half way');
  expect(await store.run(sizes)).toEqual(before);
  expect(await store.run(({ photos }) => [...(photos.get('a')?.inOrder() ?? [])])).toEqual([1]);
});
