import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';
import { createCameraStore } from './camera-store.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

afterEach(() => vi.unstubAllGlobals());

/** A webcam; answers how often it was switched off. */
function stubWebcam(): () => number {
  let stopped = 0;
  const track = {
    label: 'A camera',
    getSettings: () => ({}),
    stop: () => void stopped++,
    addEventListener: () => undefined,
  };
  const stream = { getVideoTracks: () => [track], getTracks: () => [track] };
  const video = {
    setAttribute: () => undefined,
    play: () => Promise.resolve(),
    addEventListener: () => undefined,
  };
  const getUserMedia = (): Promise<unknown> => Promise.resolve(stream);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, enumerateDevices: () => Promise.resolve([]) } });
  vi.stubGlobal('document', { createElement: () => video });
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  return () => stopped;
}

test('a camera that cannot be shown is switched off again', async () => {
  const stopped = stubWebcam();
  const engine = { ready: () => Promise.reject(new Error('no models')) } as unknown as Engine;
  const settings = { gallery: signal('default') } as unknown as Settings;
  const store = createCameraStore(engine, {} as Library, settings);
  await store.start();
  expect(store.state.value).toMatchObject({ kind: 'failed' });
  expect(stopped()).toBe(1);
});

test('areas that are drawn one after the other hold both, and no picture is kept when the camera is stopped', async () => {
  stubWebcam();
  const pictures = new Set<string>();
  vi.stubGlobal('URL', {
    createObjectURL: () => (pictures.add(`blob:${pictures.size}`), `blob:${pictures.size - 1}`),
    revokeObjectURL: (url: string) => pictures.delete(url),
  });
  const updates: ((camera: object) => void)[] = [];
  const nf = {
    cameras: {
      list: () => Promise.resolve([{ id: 'door', url: 'camera:' }]),
      update: () => new Promise((resolve) => updates.push(resolve)),
    },
    watch: (_: unknown, { signal: stop }: { signal: AbortSignal }) => ({
      faces: [],
      async *[Symbol.asyncIterator]() {
        yield { type: 'best-shot', trackId: 1, thumbnail: new Blob() };
        await new Promise((done) => stop.addEventListener('abort', done));
        // The last shot of somebody who was there.
        yield { type: 'best-shot', trackId: 1, thumbnail: new Blob() };
      },
    }),
  };
  const off = { liveMesh: signal(false), livePose: signal(false), liveMood: signal(false) };
  const settings = { ...off, gallery: signal('default'), threshold: signal(0.75) } as unknown as Settings;
  const engine = { ready: () => Promise.resolve(nf) } as unknown as Engine;
  const store = createCameraStore(engine, { refresh: () => Promise.resolve() } as Library, settings);
  await store.start();
  const settled = (): Promise<void> => new Promise((done) => setTimeout(done));
  const area = { left: 0, top: 0, width: 9, height: 9 };
  const changes = [store.setArea('rot', area), store.setArea('roi', area)];
  await settled();
  updates[1]!({ id: 'door', rot: area, roi: area });
  updates[0]!({ id: 'door', rot: area });
  await Promise.all(changes);
  await settled();
  expect(store.state.value).toMatchObject({ kind: 'on', camera: { rot: area, roi: area } });
  expect(pictures.size).toBe(1);
  store.stop();
  await settled();
  expect(pictures.size).toBe(0);
});
