import { signal } from '@preact/signals';
import type { IdentifiedEvent, NearFace, SightedEvent, VideoEvent } from 'nearface';
import { afterEach, expect, test, vi } from 'vitest';
import { createCameraTracks } from './camera-tracks.ts';
import type { Engine } from './engine.ts';
import { createHistoryStore } from './history-store.ts';
import { createLibrary, type Library } from './library.ts';
import { createPersonsStore } from './persons-store.ts';
import type { Settings } from './settings.ts';
import { createVideoStore } from './video-store.ts';

afterEach(() => vi.unstubAllGlobals());

/** Questions that are answered when a test says so, in any order. */
function questions<Answer>(): { ask(): Promise<Answer>; answer(index: number, what: Answer): Promise<void> } {
  const answers: ((what: Answer) => void)[] = [];
  return {
    ask: () => new Promise((resolve) => answers.push(resolve)),
    async answer(index, what) {
      answers[index]!(what);
      await settled();
    },
  };
}

/** Lets all that was answered arrive. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

const settings = { threshold: signal(0.75), gallery: signal('default') } as unknown as Settings;
const engineOf = (nf: object): Engine =>
  ({ state: signal({ kind: 'ready', nf }), ready: () => Promise.resolve(nf) }) as unknown as Engine;
const photo = new Blob();
const of = (id: string): unknown[] => [{ person: { id } }];

test('the history shows whom the last photo shows, not the one that was answered last', async () => {
  const { ask, answer } = questions<unknown[]>();
  const history = createHistoryStore(engineOf({ people: { find: ask } }), settings);
  void history.searchByPhoto('first', photo);
  void history.searchByPhoto('second', photo);
  await settled();
  await answer(1, of('b'));
  await answer(0, of('a'));
  expect(history.probe.value).toMatchObject({ name: 'second', busy: false, matches: of('b') });
  expect(history.filter.value.personId).toBe('b');
  void history.searchByPhoto('third', photo);
  await settled();
  history.endPhotoSearch();
  await answer(2, of('c'));
  expect(history.probe.value).toBeUndefined();
  expect(history.filter.value.personId).toBe('b');
});

test('people are searched by the last photo', async () => {
  const { ask, answer } = questions<{ faces: unknown[] }>();
  const engine = engineOf({ embed: ask });
  const library = { version: signal(0) } as unknown as Library;
  const more = { query: signal(''), announcement: signal('') };
  const persons = createPersonsStore({ engine, library, settings, ...more });
  void persons.searchByPhoto('first', photo);
  void persons.searchByPhoto('second', photo);
  await settled();
  await answer(1, { faces: [{}] });
  await answer(0, { faces: [] });
  expect(persons.found.value).toMatchObject({ name: 'second', busy: false, faces: [{ matches: [] }] });
  void persons.searchByPhoto('third', photo);
  await settled();
  persons.endPhotoSearch();
  await answer(2, { faces: [] });
  expect(persons.found.value).toBeUndefined();
});

test('the library shows what is there now, and its gallery in use is not put back', async () => {
  vi.stubGlobal('navigator', {});
  const { ask, answer } = questions<{ name: string }[]>();
  const galleries = { list: ask, get: () => Promise.resolve({ metas: () => Promise.resolve([]) }) };
  const own = { ...settings, gallery: signal('default') };
  const library = createLibrary(engineOf({ galleries, info: { storage: {} } }), own);
  let isOver = false;
  void library.refresh().then(() => (isOver = true));
  await settled();
  own.gallery.value = 'new';
  void library.refresh();
  await settled();
  await answer(0, [{ name: 'default' }]);
  // Whoever waits, waits for what is there now.
  expect([own.gallery.value, isOver]).toEqual(['new', false]);
  await answer(1, [{ name: 'default' }, { name: 'new' }]);
  expect([own.gallery.value, isOver, library.galleries.value.length]).toEqual(['new', true, 2]);
});

test('a video that is opened while another one is being opened is the one that is noted', async () => {
  const { ask, answer } = questions<{ id: string; url: string }[]>();
  const watched: unknown[] = [];
  const nf = {
    cameras: { list: ask },
    async *watch(_: File, { cameraId }: { cameraId: string }): AsyncGenerator<VideoEvent> {
      watched.push(cameraId);
      await settled();
      yield* [];
    },
  };
  const [library, persons] = [{}, { byId: () => undefined }] as never[];
  const video = createVideoStore({ engine: engineOf(nf), library: library!, settings, persons: persons! });
  void video.open(new File([], 'a.mp4'));
  await settled();
  void video.open(new File([], 'b.mp4'));
  await settled();
  await answer(1, [{ id: 'b', url: 'file:b.mp4' }]);
  await answer(0, [{ id: 'a', url: 'file:a.mp4' }]);
  expect(watched).toEqual(['b']);
});

test('a video that is paused while it is being opened waits', async () => {
  const { ask, answer } = questions<{ id: string; url: string }[]>();
  const pauses: string[] = [];
  const nf = {
    cameras: { list: ask },
    watch: () => ({
      pause: () => pauses.push('pause'),
      resume: () => pauses.push('resume'),
      async *[Symbol.asyncIterator](): AsyncGenerator<VideoEvent> {
        await settled();
        yield* [];
      },
    }),
  };
  const [library, persons] = [{}, { byId: () => undefined }] as never[];
  const video = createVideoStore({ engine: engineOf(nf), library: library!, settings, persons: persons! });
  const opened = video.open(new File([], 'a.mp4'));
  await settled();
  video.setPaused(true);
  await answer(0, [{ id: 'a', url: 'file:a.mp4' }]);
  expect([pauses, video.video.value?.state]).toEqual([['pause'], 'paused']);
  video.setPaused(false);
  await opened;
  expect(pauses).toEqual(['pause', 'resume']);
});

const shot = (trackId: number): VideoEvent =>
  ({ type: 'best-shot', trackId, thumbnail: new Blob() }) as unknown as VideoEvent;

test('somebody in front of the camera is who was told last', async () => {
  const { ask, answer } = questions<object>();
  const nf = { people: { get: ask } } as unknown as NearFace;
  const tracks = createCameraTracks(nf, 'door', () => 'default');
  const sighted = (personId: string): VideoEvent =>
    ({ type: 'sighted', trackId: 1, sighting: { personId } }) as unknown as SightedEvent;
  tracks.hear(shot(1));
  tracks.hear(sighted('a'));
  tracks.hear(sighted('b'));
  await answer(1, { meta: 'Bea' });
  await answer(0, { meta: 'Ann' });
  expect(tracks.byId(1)).toMatchObject({ name: 'Bea', personId: 'b' });
  tracks.hear({ type: 'identified', trackId: 1, matches: [] } as unknown as IdentifiedEvent);
  expect(tracks.nameOf(1)).toBe('Bea');
  tracks.close();
});

test('pictures of those in front of the camera are let go of with it', () => {
  const open = new Set<string>();
  let made = 0;
  vi.stubGlobal('URL', {
    createObjectURL: () => (open.add(`blob:${++made}`), `blob:${made}`),
    revokeObjectURL: (url: string) => open.delete(url),
  });
  const tracks = createCameraTracks({} as NearFace, 'door', () => 'default');
  for (const id of [1, 2, 1]) tracks.hear(shot(id));
  expect(open.size).toBe(2);
  tracks.close();
  // What a session tells at its end is heard too.
  tracks.hear(shot(3));
  expect([open.size, made, tracks.list.value.length]).toEqual([0, 3, 0]);
});
