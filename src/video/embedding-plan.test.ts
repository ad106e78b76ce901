import { expect, test } from 'vitest';
import { dueEmbeddings, type EmbeddingReason, type EmbeddingRequest } from './embedding-plan.ts';

const requests = (...reasons: EmbeddingReason[]): EmbeddingRequest[] =>
  reasons.map((reason, face) => ({ face, reason }));
const faces = (due: readonly EmbeddingRequest[]): number[] => due.map(({ face }) => face);

test('of a file the most urgent four are embedded, all in their order', () => {
  expect(faces(dueEmbeddings(requests('new', 'reference', 'reference'), undefined))).toEqual([0, 1, 2]);
  const many = requests('contested', 'gap', 'new', 'reference', 'reference');
  expect(faces(dueEmbeddings(many, undefined))).toEqual([0, 1, 2, 3]);
});

test('of a live source means wait for each other and for a search, what tells faces apart does not', () => {
  const some = requests('contested', 'new', 'reference', 'reference');
  expect(faces(dueEmbeddings(some, { isSearched: false }))).toEqual([0, 1, 2]);
  expect(faces(dueEmbeddings(some, { isSearched: true }))).toEqual([0, 1]);
  expect(dueEmbeddings(requests('reference'), { isSearched: true })).toEqual([]);
});
