import { expect, test } from '@playwright/test';
import { chromiumArgs, findChromium } from '../tools/chromium.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

const executablePath = findChromium();
test.use({
  launchOptions: {
    args: [...chromiumArgs, '--enable-unsafe-webgpu'],
    ...(executablePath ? { executablePath } : {}),
  },
});

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test(
  'WebGPU gives the answers of WASM; auto does not take a software adapter',
  { tag: '@long' },
  async ({ page }) => {
    // A software adapter takes seconds a run and far longer for the first.
    test.setTimeout(600_000);
    await openPage(page, server, false);
    const adapter = await page.evaluate(async () => {
      const { gpu } = navigator as {
        gpu?: { requestAdapter(): Promise<{ info: { isFallbackAdapter?: boolean } } | null> };
      };
      const found = await gpu?.requestAdapter();
      return found ? { software: found.info.isFallbackAdapter ?? false } : null;
    });
    test.skip(adapter === null, 'this browser gives no WebGPU adapter, not even a software one');
    const run = (device: 'auto' | 'wasm' | 'webgpu') =>
      page.evaluate(async (device) => {
        const nf = await window.library.NearFace.create({ assets: '/lib/', device, database: device });
        const canvas = await window.drawSample(3, 480, 338);
        const options = {
          mode: 'fast',
          faces: 'biggest',
          minFaceSize: 20,
          returnDetails: { landmarks: true },
        } as const;
        const [face] = (await nf.embed(canvas, options)).faces;
        const { backend, adapter } = nf.info;
        await nf.dispose();
        return {
          backend,
          adapter,
          box: face!.position,
          landmarks: face!.landmarks!,
          embedding: [...face!.embedding!],
        };
      }, device);
    const [wasm, webgpu] = [await run('wasm'), await run('webgpu')];
    expect(wasm.backend).toBe('wasm');
    expect(webgpu.backend).toBe('webgpu');
    expect(webgpu.adapter).not.toBe('');
    for (const side of ['left', 'top', 'width', 'height'] as const) {
      expect(Math.abs(webgpu.box[side] - wasm.box[side])).toBeLessThan(0.1);
    }
    wasm.landmarks.forEach(({ x, y }, i) => {
      const other = webgpu.landmarks[i]!;
      expect(Math.hypot(other.x - x, other.y - y)).toBeLessThan(0.1);
    });
    const cosine = wasm.embedding.reduce((sum, value, i) => sum + value * webgpu.embedding[i]!, 0);
    expect(cosine).toBeGreaterThan(0.9999);
    if (adapter?.software) expect((await run('auto')).backend).toBe('wasm');
  },
);
