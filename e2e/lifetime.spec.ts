import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test('create and dispose leave no worker behind, neither running nor in memory', async ({ page }) => {
  await openPage(page, server, false);
  const devtools = await page.context().newCDPSession(page);
  const countWorkers = async (): Promise<number> => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { result } = await devtools.send('Runtime.evaluate', { expression: 'Worker.prototype' });
    const { objects } = await devtools.send('Runtime.queryObjects', {
      prototypeObjectId: result.objectId ?? '',
    });
    const { result: count } = await devtools.send('Runtime.callFunctionOn', {
      objectId: objects.objectId ?? '',
      functionDeclaration: 'function () { return this.filter((worker) => worker instanceof Worker).length; }',
      returnByValue: true,
    });
    await devtools.send('Runtime.releaseObject', { objectId: objects.objectId ?? '' });
    return count.value as number;
  };
  await devtools.send('HeapProfiler.enable');
  for (let i = 0; i < 10; i++) {
    await page.evaluate(async () => {
      const nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm' });
      // One call is under way when it ends.
      const rest = nf
        .detect('/photos/sample1.jpg')
        .catch((error: unknown) => (error as { code: string }).code);
      await nf.dispose();
      if ((await rest) !== 'DISPOSED') throw new Error('the call was not ended');
    });
  }
  await expect.poll(() => page.workers().length).toBe(0);
  await expect.poll(countWorkers, { timeout: 10_000 }).toBe(0);
});
