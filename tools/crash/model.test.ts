import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { FIRST_MODEL } from './faces.ts';
import { apply, EMPTY, type Found, judge, type State } from './model.ts';
import type { Operation } from './operation.ts';
import { Operations } from './operations.ts';

const face = (id: string, ...galleries: string[]) => ({
  ...{ id, meta: 'Sam', galleries, picture: false, model: FIRST_MODEL },
});
const add = (...faces: ReturnType<typeof face>[]): Operation => ({ kind: 'add', faces });

const found = ({ faces, galleries, jobs, passphrase }: State, problems: readonly string[] = []): Found => ({
  faces: [...faces].map(([id, facts]) => ({ id, ...facts })),
  galleries: [...galleries].map(([name, capacity]) => ({ name, capacity })),
  jobs: [...jobs].map(([id, job]) => ({ id, ...job })),
  passphrase,
  problems,
  slots: 1,
});

const after = (...operations: Operation[]): State => operations.reduce(apply, EMPTY);

const LEFT: Operation = { kind: 'create-gallery', gallery: 'left', capacity: 9 };
const THREE = after(LEFT, add(face('a', 'default'), face('b', 'left'), face('c', 'default', 'left')));

describe('apply', () => {
  test('a face leaves with its last gallery', () => {
    const state = apply(THREE, { kind: 'delete', gallery: 'left', ids: ['b', 'c'] });
    expect([...state.faces.keys()]).toEqual(['a', 'c']);
    expect(state.faces.get('c')?.galleries).toEqual(['default']);
  });

  test('a gallery takes along the faces that are in no other', () => {
    const state = apply(THREE, { kind: 'delete-gallery', gallery: 'left' });
    expect([...state.faces.keys()]).toEqual(['a', 'c']);
    expect([...state.galleries.keys()]).toEqual(['default']);
  });

  test('whatever galleries they are in, faces go where that is asked', () => {
    const state = apply(THREE, { kind: 'delete', gallery: null, ids: ['c'] });
    expect([...state.faces.keys()]).toEqual(['a', 'b']);
    const without = apply(THREE, { kind: 'delete-gallery', gallery: 'left', withFaces: true });
    expect([...without.faces.keys()]).toEqual(['a']);
  });

  test('another photo changes the picture, and leaves nothing of the photo that was', () => {
    const state = after(LEFT, add({ ...face('b', 'left'), photo: 'hash' } as ReturnType<typeof face>));
    const replaced = apply(state, { kind: 'replace', id: 'b', picture: true, model: FIRST_MODEL });
    const { id: _, ...facts } = face('b', 'left');
    expect(replaced.faces.get('b')).toEqual({ ...facts, picture: true });
  });

  test('an update changes meta and galleries, and nothing else', () => {
    const update = { kind: 'update', gallery: 'left', id: 'b', meta: 'Kim', galleries: ['default'] } as const;
    const state = apply(THREE, update);
    expect(state.faces.get('b')).toEqual({
      meta: 'Kim',
      galleries: ['default'],
      picture: false,
      model: FIRST_MODEL,
    });
  });

  test('leaves the state that it was given', () => {
    const before = structuredClone(THREE);
    apply(THREE, { kind: 'delete', gallery: 'left', ids: ['b', 'c'] });
    apply(THREE, { kind: 'erase-all' });
    expect(THREE).toEqual(before);
  });
});

describe('judge', () => {
  test('what was acknowledged is there', () => {
    expect(judge(THREE, [], found(THREE))).toEqual({
      lost: [],
      torn: [],
      doubled: [],
      inFlight: [],
      state: THREE,
    });
  });

  test('the operation in flight may be there or not', () => {
    const operation = add(face('d', 'left'), face('e', 'left'));
    const whole = apply(THREE, operation);
    expect(judge(THREE, [operation], found(whole))).toEqual({
      lost: [],
      torn: [],
      doubled: [],
      inFlight: ['done'],
      state: whole,
    });
    expect(judge(THREE, [operation], found(THREE))).toMatchObject({
      lost: [],
      torn: [],
      inFlight: ['undone'],
    });
  });

  test('half of the operation in flight is torn', () => {
    const operation = add(face('d', 'left'), face('e', 'left'));
    const half = apply(THREE, add(face('d', 'left')));
    const { lost, torn } = judge(THREE, [operation], found(half));
    expect(lost).toEqual([]);
    expect(torn).toEqual(['of an operation in flight d is done and e is not']);
  });

  test('half of a deleted gallery is torn', () => {
    const operation = { kind: 'delete-gallery', gallery: 'left' } as const;
    const half = apply(THREE, { kind: 'delete', gallery: 'left', ids: ['b', 'c'] });
    expect(judge(THREE, [operation], found(half)).torn).toHaveLength(1);
  });

  test.each<[string, State]>([
    ['an added face is missing', apply(THREE, { kind: 'delete', gallery: 'default', ids: ['a'] })],
    ['a deleted face is back', apply(THREE, add(face('gone', 'default')))],
    ['a face has left a gallery', apply(THREE, { kind: 'delete', gallery: 'left', ids: ['c'] })],
    ['a gallery is missing', { ...THREE, galleries: EMPTY.galleries }],
    ['a gallery has another capacity', { ...THREE, galleries: new Map([...THREE.galleries, ['left', 8]]) }],
    [
      'an update is undone',
      apply(THREE, { kind: 'update', gallery: 'default', id: 'a', meta: 'Kim', galleries: ['default'] }),
    ],
  ])('lost: %s', (_, there) => {
    expect(judge(THREE, [], found(there)).lost).toHaveLength(1);
    expect(judge(THREE, [add(face('d', 'left'))], found(there)).lost).toHaveLength(1);
  });

  test('a store that contradicts itself is torn', () => {
    expect(judge(THREE, [], found(THREE, ['b has another vector'])).torn).toEqual(['b has another vector']);
  });
});

describe('several workers, and what changes everything', () => {
  const [first, second] = [add(face('d', 'left')), add(face('e', 'default'), face('f', 'default'))];

  test('each of two operations in flight may be there or not, and none in part', () => {
    const both = apply(apply(THREE, first), second);
    expect(judge(THREE, [first, second], found(both))).toMatchObject({
      inFlight: ['done', 'done'],
      state: both,
    });
    const one = apply(THREE, second);
    expect(judge(THREE, [first, second], found(one))).toMatchObject({
      ...{ lost: [], torn: [], inFlight: ['undone', 'done'], state: one },
    });
    const half = apply(apply(THREE, first), add(face('e', 'default')));
    expect(judge(THREE, [first, second], found(half)).torn).toHaveLength(1);
  });

  test('embeddings of two models are torn', () => {
    const operation = { kind: 'regenerate', model: 'crash-2' } as const;
    const whole = apply(THREE, operation);
    expect(judge(THREE, [operation], found(whole))).toMatchObject({ torn: [], inFlight: ['done'] });
    const half = { ...whole, faces: new Map([...THREE.faces, ['a', whole.faces.get('a') as never]]) };
    expect(judge(THREE, [operation], found(half)).torn).toHaveLength(1);
  });

  test('a passphrase that was acknowledged and does not open the database is lost', () => {
    const operation = { kind: 'encrypt', passphrase: 'one' } as const;
    const encrypted = apply(THREE, operation);
    expect(judge(THREE, [operation], found(encrypted))).toMatchObject({ lost: [], inFlight: ['done'] });
    expect(judge(THREE, [operation], found(THREE))).toMatchObject({ lost: [], inFlight: ['undone'] });
    expect(judge(encrypted, [], found(THREE)).lost).toHaveLength(1);
  });
});

describe('jobs', () => {
  const photo = (attempt: number): Operation => ({
    kind: 'enrol',
    job: 'j',
    index: 0,
    photo: 'p',
    faces: [0, 1].map((i) => ({ ...face(`j/0/${attempt}/${i}`, 'default'), photo: 'p' })),
  });
  const staged = after(
    { kind: 'create-job', job: 'j', gallery: 'default' },
    { kind: 'stage', job: 'j', photos: ['p', 'q'] },
  );

  test('a photo settled without its faces, and faces without it, are torn', () => {
    const whole = apply(staged, photo(1));
    expect(judge(staged, [photo(1)], found(whole))).toMatchObject({
      torn: [],
      inFlight: ['done'],
      state: whole,
    });
    expect(judge(staged, [photo(1)], found({ ...whole, faces: staged.faces })).torn).toHaveLength(1);
    expect(judge(staged, [photo(1)], found({ ...whole, jobs: staged.jobs })).torn).toHaveLength(1);
  });

  test('an incomplete job that is told as complete is lost', () => {
    const told = apply(staged, { kind: 'step-job', job: 'j', step: 'staged' });
    expect(judge(staged, [], found(told)).lost).toHaveLength(1);
  });

  test('the same photo again replaces its faces, and jobs forget those', () => {
    const again = apply(apply(staged, photo(1)), { ...photo(2), index: 1 } as Operation);
    expect([...again.faces.keys()]).toEqual(['j/0/2/0', 'j/0/2/1']);
    expect(again.jobs.get('j')?.items[0]?.ids).toEqual([]);
  });

  test('faces of two attempts are doubled', () => {
    const first = apply(staged, photo(1));
    const both = { ...first, faces: new Map([...first.faces, ...apply(staged, photo(2)).faces]) };
    expect(judge(first, [], found(both)).doubled).toEqual(['j/0']);
    expect(judge(first, [], found(first)).doubled).toEqual([]);
  });
});

test('the same seed makes the same operations, and all kinds of them', () => {
  const run = (): readonly Operation[] => {
    const [operations, made] = [new Operations(new Random(7), true), [] as Operation[]];
    for (let state = EMPTY; made.length < 1500;) {
      const operation = operations.next(state);
      made.push(operation);
      state = apply(state, operation);
    }
    return made;
  };
  const made = run();
  expect(run()).toEqual(made);
  const kinds: Operation['kind'][] = [
    'add',
    'delete',
    'update',
    'replace',
    'create-gallery',
    'delete-gallery',
    'import',
    'erase-all',
    'drop',
    'create-job',
    'stage',
    'regenerate',
    'encrypt',
    'rekey',
    'renew',
    'step-job',
    'enrol',
    'delete-job',
  ];
  expect(new Set(made.map(({ kind }) => kind))).toEqual(new Set(kinds));
  expect(made.some((operation) => operation.kind === 'delete' && operation.ids.length > 300)).toBe(true);
});
