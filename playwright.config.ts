import { defineConfig } from '@playwright/test';
import { createHash } from 'node:crypto';
import { chromiumArgs, findChromium } from './tools/chromium.ts';

const executablePath = findChromium();
/** Two ports of this checkout's own, the same whenever this file is read: two checkouts may be tested at once. */
const firstPort =
  20_000 +
  2 *
    (createHash('sha256')
      .update(import.meta.dirname)
      .digest()
      .readUInt16LE() %
      6000);
const port = { library: firstPort, demo: firstPort + 1 } as const;
const serve = 'node_modules/.bin/tsx tools/serve.ts';

/**
 * The built library and the built demo in headless Chromium: run `npm run build && npx vite build` first.
 * `baseURL` is the demo, isolated, so that WebAssembly has threads.
 */
export default defineConfig({
  testDir: 'e2e',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  retries: 0,
  workers: 3,
  fullyParallel: false,
  forbidOnly: Boolean(process.env['CI']),
  outputDir: 'test-results',
  reporter: [['list'], ['json', { outputFile: process.env['PLAYWRIGHT_JSON'] ?? 'test-results/e2e.json' }]],
  use: {
    baseURL: `http://127.0.0.1:${port.demo}`,
    headless: true,
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { args: [...chromiumArgs], ...(executablePath ? { executablePath } : {}) },
  },
  webServer: [
    {
      command: `${serve} dist ${port.library}`,
      url: `http://127.0.0.1:${port.library}/nearface.js`,
      reuseExistingServer: false,
    },
    {
      command: `${serve} dist-demo ${port.demo} --isolated`,
      url: `http://127.0.0.1:${port.demo}/index.html`,
      reuseExistingServer: false,
    },
  ],
});
