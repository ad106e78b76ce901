import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasThreads } from '../platform/browser/surroundings.ts';
import { chooseBackend } from './backend.ts';

const host = { gpu: undefined, hasThreads };

afterEach(() => vi.unstubAllGlobals());

describe('chooseBackend', () => {
  it('gives the threads that are asked for on an isolated page', async () => {
    vi.stubGlobal('crossOriginIsolated', true);
    expect(await chooseBackend('wasm', 2, host)).toMatchObject({ name: 'wasm', threads: 2 });
    expect(await chooseBackend('wasm', 0, host)).toMatchObject({ threads: 1 });
  });

  it('tells one thread where there is no shared memory, isolated or not', async () => {
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    expect(await chooseBackend('wasm', 2, host)).toMatchObject({ threads: 1 });
    vi.unstubAllGlobals();
    vi.stubGlobal('crossOriginIsolated', false);
    expect(await chooseBackend('wasm', 2, host)).toMatchObject({ threads: 1 });
  });

  it('names no one browser where WebGPU is missing', async () => {
    await expect(chooseBackend('webgpu', 0, host)).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.not.stringMatching(/chrome|firefox|safari/i) as string,
    });
  });
});
