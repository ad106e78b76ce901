/** Law: people are a partition of faces, across any run of changes, taken back or not, with reopenings where the database is kept. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { of } from '../people/coroutine.ts';
import { PeopleDesk } from '../people/people-desk.ts';
import { personMark, type StoredPair } from '../people/stored.ts';
import type { PeopleTables } from '../people/tables.ts';
import { allFaces } from './test-dump.ts';
import { faceText, type PeopleCommand, peopleCommands, PeopleModel, pairText } from './test-people-model.ts';
import { type Opened, openPlace, type Place, prepared, type Subject } from './test-subject.ts';

export function peopleLaw(subject: Subject): void {
  test('people are who they were said to be, across any run of changes', { timeout: 90_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(peopleCommands, (run) => holdsFor(subject, run)),
      {
        numRuns: Math.ceil(subject.runs / 2),
        interruptAfterTimeLimit: 30_000,
        markInterruptAsFailure: false,
      },
    );
  });
}

async function holdsFor(subject: Subject, run: readonly PeopleCommand[]): Promise<void> {
  const place = subject.place();
  const model = new PeopleModel();
  let opened = await openPlace(subject, place);
  let seed = 0;
  try {
    for (const command of run) {
      if (command.kind === 'reopen') opened = await reopen(subject, place, opened);
      else await apply(opened, model, command, ++seed);
      await expectSame(opened, model);
    }
  } finally {
    opened.close();
    await place.drop();
  }
}

async function reopen(subject: Subject, place: Place, opened: Opened): Promise<Opened> {
  if (!place.isKept) return opened;
  opened.close();
  return openPlace(subject, place);
}

async function apply(
  { database }: Opened,
  model: PeopleModel,
  command: Exclude<PeopleCommand, { kind: 'reopen' }>,
  seed: number,
): Promise<void> {
  const desk = new PeopleDesk(database);
  const person = (number: number): string | undefined => model.pick(model.persons.keys(), number);
  const face = (number: number): string | undefined => model.pick(model.faces.keys(), number);
  switch (command.kind) {
    case 'add': {
      const personId = `p${command.person % 6}`;
      await database.addFaces([prepared(seed, { personId, meta: command.meta })]);
      return model.add(`face-${seed}`, personId, command.meta);
    }
    case 'undo':
      return void expect((await desk.undoPeople()) !== null).toBe(model.undo());
    case 'delete-face': {
      const id = face(command.face);
      if (id === undefined) return;
      await database.deleteFaces('default', [id]);
      return model.deleteFace(id);
    }
    case 'move': {
      const to = person(command.person);
      const faces = command.faces.map(face).filter((id) => id !== undefined);
      if (to === undefined || faces.length === 0) return;
      await desk.moveFaces(faces, to);
      return model.move(faces, to);
    }
    case 'not-same':
      return notSame(desk, model, command);
    default:
      return applyToPerson(desk, model, command, person);
  }
}

async function notSame(
  desk: PeopleDesk,
  model: PeopleModel,
  { a, b, isFace }: Extract<PeopleCommand, { kind: 'not-same' }>,
): Promise<void> {
  const person = model.pick(model.persons.keys(), a);
  const other = isFace ? model.pick(model.faces.keys(), b) : model.pick(model.persons.keys(), b);
  if (person === undefined || other === undefined || other === person) return;
  await desk.notSame(person, other);
  if (!isFace) return model.remember(pairText(person, other));
  const pair = pairText(faceText(other), person);
  if (model.faces.get(other)?.person !== person) return model.remember(pair);
  const { people } = await desk.listPeople({ limit: 1000 });
  const made = people.find(({ id }) => !model.persons.has(id))?.id as string;
  model.split(person, [other], made, [pair]);
}

async function applyToPerson(
  desk: PeopleDesk,
  model: PeopleModel,
  command: Extract<PeopleCommand, { kind: 'merge' | 'split' | 'rename' | 'delete-person' }>,
  pick: (number: number) => string | undefined,
): Promise<void> {
  const id = pick(command.kind === 'merge' ? command.into : command.person);
  if (id === undefined) return;
  switch (command.kind) {
    case 'merge': {
      const from = command.from.map(pick).filter((other) => other !== undefined && other !== id) as string[];
      if (from.length === 0) return;
      await desk.mergePeople(id, from);
      return model.merge(id, from);
    }
    case 'split': {
      const all = model.facesOf(id);
      const faces = [...new Set(command.picks.map((number) => model.pick(all, number)))];
      if (all.length === 0 || faces.length === all.length) {
        const refused = desk.splitPerson(id, all);
        return void (await expect(refused).rejects.toMatchObject({ code: 'BAD_PARAM' }));
      }
      const made = await desk.splitPerson(id, faces as string[]);
      return model.split(id, faces as string[], made.id);
    }
    case 'rename':
      await desk.renamePerson(id, command.meta);
      return model.rename(id, command.meta);
    case 'delete-person':
      expect((await desk.deletePerson(id)).faces).toBe(model.facesOf(id).length);
      return model.deletePerson(id);
  }
}

async function expectSame({ database }: Opened, model: PeopleModel): Promise<void> {
  const desk = new PeopleDesk(database);
  const faces = await allFaces(database, 'default');
  expect(new Map(faces.map(({ id, meta, personId }) => [id, { meta, person: personId }]))).toEqual(
    model.faces,
  );
  const { people } = await desk.listPeople({ limit: 1000 });
  expect(people.map(({ id, meta, faces: count }) => [id, meta, count]).toSorted()).toEqual(
    [...model.persons.values()].map(({ id, meta }) => [id, meta, model.facesOf(id).length]).toSorted(),
  );
  const numbers = people.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  const { usage, pairs } = await counted(database, [...model.persons.keys()]);
  expect(usage).toBe(people.length);
  expect(new Set(pairs)).toEqual(model.pairs);
}

async function counted(
  database: Opened['database'],
  persons: readonly string[],
): Promise<{ readonly usage: number; readonly pairs: readonly string[] }> {
  const pairs = await database.people.read(function* (tx: PeopleTables) {
    return yield* of(tx.pairs.of(persons.map(personMark)));
  });
  const text = ({ person, other, isFace }: StoredPair): string =>
    pairText(person, isFace ? faceText(other) : other);
  return { usage: (await database.usage()).people.people, pairs: pairs.map(text) };
}
