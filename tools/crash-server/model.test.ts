import { expect, test } from 'vitest';
import { apply, type Found, judge, type Known, NOTHING, type Operation, type State } from './model.ts';

const after = (...operations: readonly Operation[]): State =>
  operations.reduce((state, operation) => apply(state, operation), NOTHING);

const base = after(
  { kind: 'create-gallery', gallery: 'g' },
  { kind: 'add', id: 1 },
  { kind: 'add', id: 2 },
  { kind: 'join', id: 1, gallery: 'g' },
  { kind: 'join', id: 2, gallery: 'g' },
);

const face = (id: number, meta = '', ...galleries: readonly string[]): Found['faces'][number] => ({
  ...{ id, meta },
  galleries: ['default', ...galleries],
});
const both = [face(1, '', 'g'), face(2, '', 'g')];

const judged = (found: Found, inFlight?: Operation, known: Partial<Known> = {}) =>
  judge([{ state: base, inFlight, ...known }], found, 2);

test('what was acknowledged is there', () => {
  const { lost, torn, states } = judged({ faces: both, galleries: ['default', 'g'] });
  expect([lost, torn, states]).toEqual([[], [], [base]]);
});

test.each([
  ['a face is missing', { faces: both.slice(1), galleries: ['g'] }],
  ['a face is another', { faces: [face(1, 'x', 'g'), face(2, '', 'g')], galleries: ['g'] }],
  ['a face has left a gallery', { faces: [face(1), face(2, '', 'g')], galleries: ['g'] }],
  ['a gallery is missing', { faces: both, galleries: [] }],
])('%s: lost', (_, found) => {
  expect(judged(found).lost).toHaveLength(1);
});

test('what nobody has made is torn', () => {
  expect(judged({ faces: [...both, face(3)], galleries: ['g'] }).torn).toHaveLength(1);
  expect(judged({ faces: [...both, face(2, '', 'g')], galleries: ['g'] }).torn).toHaveLength(1);
});

test('an operation in flight may be there or not', () => {
  const add: Operation = { kind: 'add', id: 3 };
  expect(judged({ faces: both, galleries: ['g'] }, add)).toMatchObject({ lost: [], torn: [], undone: 1 });
  const done = judged({ faces: [...both, face(3)], galleries: ['g'] }, add);
  expect(done).toMatchObject({ lost: [], torn: [], done: 1, states: [apply(base, add)] });
});

test('a gallery that was being deleted is there with all its faces, or gone with them', () => {
  const gone: Operation = { kind: 'delete-gallery', gallery: 'g' };
  expect(judged({ faces: both, galleries: ['g'] }, gone)).toMatchObject({ torn: [], undone: 1 });
  expect(judged({ faces: [], galleries: [] }, gone)).toMatchObject({ torn: [], done: 1 });
  expect(judged({ faces: both.slice(1), galleries: [] }, gone).torn).toHaveLength(1);
  expect(judged({ faces: [], galleries: ['g'] }, gone).torn).toHaveLength(1);
});

test('a photo that was being enrolled is there with all its faces, or with none', () => {
  const photo: Operation = { kind: 'photo', meta: 'p', gallery: null };
  const some = [face(101, 'p'), face(102, 'p')];
  expect(judged({ faces: both, galleries: ['g'] }, photo)).toMatchObject({ torn: [], undone: 1 });
  const done = judged({ faces: [...both, ...some], galleries: ['g'] }, photo);
  expect(done).toMatchObject({ lost: [], torn: [], done: 1 });
  expect(done.states[0]?.faces.size).toBe(4);
  expect(judged({ faces: [...both, some[0]!], galleries: ['g'] }, photo).torn).toHaveLength(1);
});
