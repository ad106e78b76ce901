import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright';

/** Switches that every headless run of the project needs. */
export const chromiumArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of the Chromium to run: `CHROMIUM`, the system's, or the one that Playwright installed. */
export function findChromium(): string | undefined {
  const candidates = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'];
  const found = candidates.find((path) => path && existsSync(path));
  if (found) return found;
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : undefined;
}

/** Starts headless Chromium with the project's switches and `extraArgs`. */
export async function launchChromium(extraArgs: readonly string[] = []): Promise<Browser> {
  return chromium.launch(launchOptions(extraArgs));
}

/**
 * Runs `work` in a Chromium with a new profile on the disk, which is deleted afterwards. The contexts of
 * {@link launchChromium} keep IndexedDB in memory.
 */
export async function withProfile<T>(work: (context: BrowserContext) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-profile-'));
  const context = await chromium.launchPersistentContext(folder, launchOptions([]));
  try {
    return await work(context);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function launchOptions(extraArgs: readonly string[]): LaunchOptions {
  const executablePath = findChromium();
  const args = [...chromiumArgs, ...extraArgs];
  return { headless: true, args, ...(executablePath ? { executablePath } : {}) };
}
