import { signal } from '@preact/signals';
import { afterEach, expect, test, vi } from 'vitest';
import { createCameraStore } from './camera-store.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';

afterEach(() => vi.unstubAllGlobals());

test('a camera that cannot be shown is switched off again', async () => {
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
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve(stream) } });
  vi.stubGlobal('document', { createElement: () => video });
  const engine = { ready: () => Promise.reject(new Error('no models')) } as unknown as Engine;
  const settings = { gallery: signal('default') } as unknown as Settings;
  const store = createCameraStore(engine, {} as Library, settings);
  await store.start();
  expect(store.state.value).toMatchObject({ kind: 'failed' });
  expect(stopped).toBe(1);
});
