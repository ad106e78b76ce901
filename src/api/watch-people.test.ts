import { expect, test } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import type { BestShotEvent, LostEvent, Untold } from '../video/events.ts';
import type { SightingInput } from '../worker/contract.ts';
import type { Session } from './session.ts';
import { TrackPeople } from './watch-people.ts';

/** A gallery worker that finds somebody new for every embedding, and knows whom it made. */
function desk(): { session: Session; noted: SightingInput[]; people: Set<string> } {
  const noted: SightingInput[] = [];
  const people = new Set<string>();
  const ask = async (name: string, [given]: readonly unknown[]): Promise<unknown> => {
    if (name === 'getPerson') {
      if (people.has(given as string)) return {};
      throw new NearFaceError('PERSON_NOT_FOUND', 'gone');
    }
    const [input] = given as SightingInput[];
    if (!input) throw new Error('no sighting');
    noted.push(input);
    const personId = input.personId ?? (input.embedding ? `person ${people.size + 1}` : undefined);
    if (personId !== undefined) people.add(personId);
    return [{ ...input, ...(personId !== undefined && { personId }) }];
  };
  return { session: { gallery: { ask } } as unknown as Session, noted, people };
}

/** Of a session that is not stopped. */
const GOES_ON = new AbortController().signal;
const rules = { rule: { minCosine: 0, global: false }, keep: 'none', shiftMs: 0 } as const;
const shot = (trackId: number, timeMs: number, reliability = 0.9): BestShotEvent =>
  ({
    ...{ type: 'best-shot', trackId, timeMs, frameIndex: timeMs, reliability, modelId: 'm' },
    ...{ embedding: new Float32Array([1, 0]), box: { left: 0, top: 0, width: 9, height: 9 } },
  }) as unknown as BestShotEvent;
const lost = (trackId: number, same?: number): LostEvent =>
  ({ type: 'lost', trackId, matches: [], ...(same !== undefined && { same }) }) as unknown as LostEvent;
const whom = (noted: readonly SightingInput[]): unknown[] =>
  noted.map(({ timeMs, personId, embedding }) => [timeMs, personId ?? (embedding ? 'found' : 'nobody')]);
const types = (events: readonly Untold[]): string[] => events.map(({ type }) => type);

test('a track is of the person of its first report', async () => {
  const { session, noted } = desk();
  const people = new TrackPeople(session, rules);
  expect(types(await people.note(shot(1, 1), GOES_ON))).toEqual(['sighted', 'identified']);
  expect(types(await people.note(shot(1, 2), GOES_ON))).toEqual(['sighted']);
  expect(whom(noted)).toEqual([
    [1, 'found'],
    [2, 'person 1'],
  ]);
  expect(people.personOf(1)).toBe('person 1');
});

test('whose person was merged or deleted meanwhile is looked for anew', async () => {
  const { session, noted, people: known } = desk();
  const people = new TrackPeople(session, rules);
  await people.note(shot(1, 1), GOES_ON);
  known.clear();
  await people.note(shot(1, 2), GOES_ON);
  expect(whom(noted)[1]).toEqual([2, 'found']);
});

test('reports that nobody could be told by wait for one that says who it is, or are of nobody', async () => {
  const { session, noted } = desk();
  const people = new TrackPeople(session, rules);
  expect(await people.note(shot(1, 1, 0.05), GOES_ON)).toEqual([]);
  expect(types(await people.note(shot(1, 2), GOES_ON))).toEqual(['sighted', 'sighted', 'identified']);
  await people.note(shot(2, 3, 0.05), GOES_ON);
  expect(types(await people.leave(lost(2), GOES_ON))).toEqual(['sighted']);
  expect(whom(noted)).toEqual([
    [2, 'found'],
    [1, 'person 1'],
    [3, 'nobody'],
  ]);
  // Few wait.
  for (let i = 10; i < 20; i++) await people.note(shot(3, i, 0.05), GOES_ON);
  expect(noted).toHaveLength(5);
  await people.leave(lost(3), GOES_ON);
  expect(whom(noted).slice(3)).toEqual(Array.from({ length: 10 }, (_, i) => [10 + i, 'nobody']));
});

test('a track that was another one all the time hands on what is known of it', async () => {
  const { session, noted } = desk();
  const people = new TrackPeople(session, rules);
  await people.note(shot(2, 1), GOES_ON);
  await people.leave(lost(2, 1), GOES_ON);
  await people.note(shot(3, 2, 0.05), GOES_ON);
  await people.leave(lost(3, 1), GOES_ON);
  await people.note(shot(1, 3), GOES_ON);
  expect(whom(noted)).toEqual([
    [1, 'found'],
    [3, 'person 1'],
    [2, 'person 1'],
  ]);
});

test('what cannot be stored is told', async () => {
  const session = {
    gallery: { ask: () => Promise.reject(new NearFaceError('STORAGE_FULL', 'full')) },
  } as unknown as Session;
  const events = await new TrackPeople(session, rules).note(shot(1, 1), GOES_ON);
  expect(events).toMatchObject([{ type: 'sighted', trackId: 1, error: { code: 'STORAGE_FULL' } }]);
});

test('a database that cannot be asked who somebody is ends nothing, and is told of', async () => {
  const { session: open, noted } = desk();
  let isLocked = false;
  const ask = (...given: Parameters<typeof open.gallery.ask>): Promise<unknown> =>
    isLocked ? Promise.reject(new NearFaceError('LOCKED', 'locked')) : open.gallery.ask(...given);
  const people = new TrackPeople({ gallery: { ask } } as unknown as Session, rules);
  await people.note(shot(1, 1), GOES_ON);
  isLocked = true;
  expect(await people.note(shot(1, 2), GOES_ON)).toMatchObject([
    { type: 'sighted', error: { code: 'LOCKED' } },
  ]);
  await people.note(shot(2, 3, 0.05), GOES_ON);
  expect(await people.leave(lost(2), GOES_ON)).toMatchObject([
    { type: 'sighted', error: { code: 'LOCKED' } },
  ]);
  isLocked = false;
  await people.note(shot(1, 4), GOES_ON);
  expect(whom(noted)[1]).toEqual([4, 'person 1']);
  isLocked = true;
  expect(await people.leave(lost(1), GOES_ON)).toEqual([]);
});

test('what a stopped session has no time to store is told, also what waited', async () => {
  const { session: open, noted } = desk();
  const asked: (AbortSignal | undefined)[] = [];
  const ask = (
    ...[name, args, options]: Parameters<typeof open.gallery.ask>
  ): ReturnType<typeof open.gallery.ask> => {
    asked.push(options?.signal);
    if (options?.signal?.aborted) throw new NearFaceError('ABORTED', 'stopped');
    return open.gallery.ask(name, args, options);
  };
  const people = new TrackPeople({ gallery: { ask } } as unknown as Session, rules);
  const stop = new AbortController();
  expect(await people.note(shot(1, 1, 0.05), stop.signal)).toEqual([]);
  stop.abort();
  const told = [
    ...(await people.note(shot(2, 2), stop.signal)),
    ...(await people.leave(lost(1), stop.signal)),
  ];
  expect(told).toMatchObject([
    { type: 'sighted', trackId: 2, error: { code: 'ABORTED' } },
    { type: 'sighted', trackId: 1, error: { code: 'ABORTED' } },
  ]);
  expect(noted).toEqual([]);
  expect(new Set(asked)).toEqual(new Set([stop.signal]));
});
