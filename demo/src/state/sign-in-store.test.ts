import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';
import { createSignInStore, type SignInStore } from './sign-in-store.ts';

afterEach(() => vi.unstubAllGlobals());

/** A page with a camera, before which everything is done as asked once `pass` is called. */
function begin(): {
  readonly store: SignInStore;
  readonly pictures: ReadonlySet<string>;
  readonly asked: readonly string[];
  pass(): void;
} {
  const track = { label: 'A camera', getSettings: () => ({}), stop: () => undefined };
  const stream = { getVideoTracks: () => [track], getTracks: () => [track] };
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve(stream) } });
  const video = { setAttribute: () => undefined, play: () => Promise.resolve() };
  vi.stubGlobal('document', { createElement: () => video });
  const pictures = new Set<string>();
  vi.stubGlobal('URL', {
    createObjectURL: () => (pictures.add('blob:1'), 'blob:1'),
    revokeObjectURL: (url: string) => pictures.delete(url),
  });
  let pass = (): void => undefined;
  const passed = new Promise<void>((resolve) => (pass = resolve));
  const result = passed.then(() => ({ passed: true, steps: [], best: { crop: new Blob() } }));
  const asked: string[] = [];
  const gallery = {
    search: (_: unknown, { meta }: { meta: string }) => {
      asked.push(meta);
      return Promise.resolve([[{ record: { meta } }]]);
    },
  };
  const nf = {
    galleries: { get: () => Promise.resolve(gallery) },
    challenge: () => ({
      result,
      async *[Symbol.asyncIterator]() {
        yield* [];
        await result;
      },
    }),
  };
  const engine = { ready: () => Promise.resolve(nf) } as unknown as Engine;
  const settings = { gallery: signal('default'), threshold: signal('medium') } as unknown as Settings;
  const library = { refresh: () => Promise.resolve() } as unknown as Library;
  return { store: createSignInStore(engine, library, settings), pictures, asked, pass };
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

test('whoever was chosen at the start is signed in, and nobody else', async () => {
  const { store, pictures, asked, pass } = begin();
  store.name.value = 'Ann';
  const done = store.start();
  await settled();
  expect(store.state.value).toMatchObject({ kind: 'asking' });
  // As the page does when the name is gone from the gallery.
  store.name.value = 'Bob';
  pass();
  await done;
  expect(asked).toEqual(['Ann', 'Ann']);
  expect(store.state.value).toMatchObject({ kind: 'done', name: 'Ann', isSame: true, pictureUrl: 'blob:1' });
  store.stop();
  expect(pictures.size).toBe(0);
});

test('no picture is kept when it is stopped as the face is compared', async () => {
  const { store, pictures, pass } = begin();
  const done = store.start();
  await settled();
  pass();
  store.stop();
  await done;
  expect([store.state.value.kind, pictures.size]).toEqual(['off', 0]);
});
