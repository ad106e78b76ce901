import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from './backend.ts';

afterEach(() => vi.unstubAllGlobals());

describe('chooseBackend', () => {
  it('gives the threads that are asked for on an isolated page', async () => {
    vi.stubGlobal('crossOriginIsolated', true);
    expect(await chooseBackend('wasm', 2)).toMatchObject({ name: 'wasm', threads: 2 });
    expect(await chooseBackend('wasm', 0)).toMatchObject({ threads: 1 });
  });

  it('tells one thread where there is no shared memory, isolated or not', async () => {
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    expect(await chooseBackend('wasm', 2)).toMatchObject({ threads: 1 });
    vi.unstubAllGlobals();
    vi.stubGlobal('crossOriginIsolated', false);
    expect(await chooseBackend('wasm', 2)).toMatchObject({ threads: 1 });
  });

  it('names no one browser where WebGPU is missing', async () => {
    await expect(chooseBackend('webgpu', 0)).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.not.stringMatching(/chrome|firefox|safari/i) as string,
    });
  });
});
