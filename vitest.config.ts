import { playwright } from '@vitest/browser-playwright';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './tools/chromium.ts';

const executablePath = findChromium();
/** Vitest's own default is one less than there are cores: one on two. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/** `unit` runs in Node; `browser` runs what needs IndexedDB, workers or canvases in headless Chromium. */
export default defineConfig({
  test: {
    tags: [{ name: 'long', description: 'Run by `npm run test:long`, not by `npm test`.' }],
    projects: [
      {
        resolve: { alias: { nearface: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
        test: {
          name: 'unit',
          maxWorkers,
          // Modules have no state of their own (a lint rule), so that files may share them; each alone would load them anew.
          isolate: false,
          environment: 'node',
          include: ['{src,tools,bench,model-factory,server/src,demo/src}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
          globalSetup: ['tools/build/kernel.ts'],
          testTimeout: 30_000,
        },
      },
      {
        // Cross-origin isolation, which shared memory needs.
        server: {
          headers: {
            'Cross-Origin-Opener-Policy': 'same-origin',
            'Cross-Origin-Embedder-Policy': 'require-corp',
          },
        },
        optimizeDeps: { include: ['idb', 'comlink', 'fast-check', 'fflate', 'mediabunny'] },
        test: {
          name: 'browser',
          maxWorkers,
          include: ['src/**/*.browser.test.ts'],
          globalSetup: ['tools/build/kernel.ts'],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { args: [...chromiumArgs], ...(executablePath ? { executablePath } : {}) },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
