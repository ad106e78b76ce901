import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';
import { createCameraStore } from './camera-store.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

afterEach(() => vi.unstubAllGlobals());

interface Webcam {
  /** How often it was switched off. */
  stopped(): number;
  resize(width: number, height: number): void;
}

function stubWebcam(): Webcam {
  let stopped = 0;
  const track = {
    label: 'A camera',
    getSettings: () => ({}),
    stop: () => void stopped++,
    addEventListener: () => undefined,
  };
  const stream = { getVideoTracks: () => [track], getTracks: () => [track] };
  const video = Object.assign(new EventTarget(), {
    setAttribute: () => undefined,
    play: () => Promise.resolve(),
    ...{ videoWidth: 0, videoHeight: 0 },
  });
  const getUserMedia = (): Promise<unknown> => Promise.resolve(stream);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, enumerateDevices: () => Promise.resolve([]) } });
  vi.stubGlobal('document', { createElement: () => video });
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  return {
    stopped: () => stopped,
    resize(videoWidth, videoHeight) {
      Object.assign(video, { videoWidth, videoHeight });
      video.dispatchEvent(new Event('resize'));
    },
  };
}

test('a camera that cannot be shown is switched off again', async () => {
  const { stopped } = stubWebcam();
  const engine = { ready: () => Promise.reject(new Error('no models')) } as unknown as Engine;
  const settings = { gallery: signal('default') } as unknown as Settings;
  const store = createCameraStore(engine, {} as Library, settings);
  await store.start();
  expect(store.state.value).toMatchObject({ kind: 'failed' });
  expect(stopped()).toBe(1);
});

test('areas that are drawn one after the other hold both, and no picture is kept when the camera is stopped', async () => {
  const { resize } = stubWebcam();
  const pictures = new Set<string>();
  let made = 0;
  vi.stubGlobal('URL', {
    createObjectURL: () => (pictures.add(`blob:${++made}`), `blob:${made}`),
    revokeObjectURL: (url: string) => pictures.delete(url),
  });
  let sessions = 0;
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
        if (++sessions === 1)
          yield { type: 'identified', trackId: 1, matches: [{ record: { meta: 'Ann' } }] };
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
  const nameOfFirst = (): string | undefined =>
    store.state.value.kind === 'on' ? store.state.value.tracks.nameOf(1) : undefined;
  await settled();
  expect(nameOfFirst()).toBe('Ann');
  const area = { left: 0, top: 0, width: 9, height: 9 };
  const changes = [store.setArea('rot', area), store.setArea('roi', area)];
  await settled();
  updates[1]!({ id: 'door', rot: area, roi: area });
  updates[0]!({ id: 'door', rot: area });
  await Promise.all(changes);
  await settled();
  expect(store.state.value).toMatchObject({ kind: 'on', camera: { rot: area, roi: area } });
  expect(pictures.size).toBe(1);
  // The first whom the next session sees may be anybody.
  expect([sessions, nameOfFirst()]).toEqual([2, '']);
  resize(90, 160);
  expect(store.size.value).toEqual({ width: 90, height: 160 });
  store.stop();
  await settled();
  expect(pictures.size).toBe(0);
});
