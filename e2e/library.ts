import type { Page } from '@playwright/test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type * as Library from '../src/index.ts';
import { serve, type ServeOptions, type StaticServer } from '../tools/serve.ts';
import { photos } from './consumer.ts';

const root = resolve(import.meta.dirname, '..');

/** How a call ended, in words that a test can compare. */
export interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

declare global {
  interface Window {
    readonly library: typeof Library;
    nf: Library.NearFace;
    /** The error that a call ended with; the code is `none` if it ended well. */
    outcomeOf(call: () => unknown): Promise<Outcome>;
    /** Draws a sample photo, scaled, on a canvas of its own. */
    drawSample(sample: number, width: number, height: number): Promise<HTMLCanvasElement>;
  }
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>nearface</title><script type="module">
window.library = await import('/lib/nearface.js');
window.outcomeOf = async (call) => {
  try {
    await call();
    return { code: 'none', message: '', details: {} };
  } catch (error) {
    const { code, message, details } = error;
    return { code: code ?? error.name, message, details: JSON.parse(JSON.stringify(details ?? {})) };
  }
};
window.drawSample = async (sample, width, height) => {
  const response = await fetch('/photos/sample' + sample + '.jpg');
  const bitmap = await createImageBitmap(await response.blob());
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d').drawImage(bitmap, 0, 0, width, height);
  return canvas;
};
window.ready = true;
</script></html>`;

/** A folder with the blank page that the specs of the library run in. */
function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nearface-page-'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  return folder;
}

/** Serves the built library under `/lib/`, the sample photos under `/photos/`, and `more` folders by prefix. */
export function serveLibrary(
  more: Readonly<Record<string, string>> = {},
  options: Pick<ServeOptions, 'isolated' | 'cors' | 'headers'> = {},
  onRequest?: (path: string) => void,
): Promise<StaticServer> {
  const folders = { '/': pageFolder(), '/lib/': join(root, 'dist'), '/photos/': photos, ...more };
  return serve({ root: folders, ...options, ...(onRequest && { onRequest }) });
}

/** Opens the blank page with `window.library`; `create` also makes `window.nf` on one WASM thread. */
export async function openPage(page: Page, server: StaticServer, create: boolean = true): Promise<void> {
  await page.goto(`${server.url}/index.html`);
  await page.waitForFunction(() => 'ready' in window);
  if (!create) return;
  await page.evaluate(async () => {
    window.nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm' });
  });
}
