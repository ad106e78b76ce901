import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { chromium } from 'playwright';
import puppeteer from 'puppeteer-core';
import { chromiumArgs, findChromium } from '../chromium.ts';

/** A browser that shows one page. */
export interface Driven {
  readonly version: string;
  goto(url: string): Promise<void>;
  /** The value of an expression in the page, as JSON. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** How to get it on Debian. */
  readonly install: string;
  isThere(): boolean;
  open(options?: { readonly falsified?: boolean }): Promise<Driven>;
}

const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const WEBKIT_DRIVER = '/usr/bin/WebKitWebDriver';
const MINI_BROWSER = ['4.1', '6.0'].flatMap((api) =>
  ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${api}/MiniBrowser`),
);

const firstOf = (paths: readonly (string | undefined)[]): string | undefined =>
  paths.find((path) => path !== undefined && existsSync(path));
const firefox = (): string | undefined => firstOf([process.env['FIREFOX'], ...FIREFOX]);

/** The engines, each with its driver. `FIREFOX` and `CHROMIUM` in the environment name other browsers. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'Chromium',
    install: 'apt-get install -y chromium',
    isThere: () => findChromium() !== undefined,
    open: openChromium,
  },
  {
    name: 'Firefox',
    install: 'apt-get install -y firefox-esr',
    isThere: () => firefox() !== undefined,
    open: openFirefox,
  },
  {
    name: 'WebKit',
    install: 'apt-get install -y webkit2gtk-driver xvfb xauth',
    isThere: () =>
      existsSync(WEBKIT_DRIVER) && firstOf(MINI_BROWSER) !== undefined && existsSync('/usr/bin/xvfb-run'),
    open: openWebKit,
  },
];

async function openChromium(): Promise<Driven> {
  const executablePath = findChromium();
  const browser = await chromium.launch({
    args: [...chromiumArgs],
    ...(executablePath && { executablePath }),
  });
  const page = await (await browser.newContext()).newPage();
  return {
    version: browser.version(),
    goto: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
    close: () => browser.close(),
  };
}

async function openFirefox({ falsified = false } = {}): Promise<Driven> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox()!,
    headless: true,
    extraPrefsFirefox: { 'media.autoplay.default': 0, 'privacy.resistFingerprinting': falsified },
  });
  const page = await browser.newPage();
  return {
    version: (await browser.version()).replace(/^firefox\//, ''),
    goto: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
    close: () => browser.close(),
  };
}

async function openWebKit(): Promise<Driven> {
  const port = await freePort();
  const child = spawn('xvfb-run', ['-a', WEBKIT_DRIVER, `--port=${port}`], {
    env: { ...process.env, WEBKIT_DISABLE_COMPOSITING_MODE: '1' },
    stdio: 'ignore',
    detached: true,
  });
  try {
    return await openSession(`http://127.0.0.1:${port}`, child);
  } catch (error) {
    endGroup(child);
    throw error;
  }
}

interface Session {
  readonly sessionId: string;
  readonly capabilities: { readonly browserVersion?: string };
}

async function openSession(url: string, child: ChildProcess): Promise<Driven> {
  await answers(`${url}/status`);
  const { sessionId, capabilities } = (await webdriver(`${url}/session`, 'POST', {
    capabilities: {
      alwaysMatch: {
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: firstOf(MINI_BROWSER), args: ['--automation'] },
      },
    },
  })) as Session;
  const session = `${url}/session/${sessionId}`;
  return {
    version: capabilities.browserVersion ?? 'unknown',
    goto: async (address) => void (await webdriver(`${session}/url`, 'POST', { url: address })),
    evaluate: (expression) =>
      webdriver(`${session}/execute/sync`, 'POST', { script: `return ${expression}`, args: [] }),
    close: async () => {
      await webdriver(session, 'DELETE').catch(() => undefined);
      endGroup(child);
    },
  };
}

async function webdriver(url: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`WebDriver ${response.status}: ${JSON.stringify(value)}`);
  return value;
}

async function answers(url: string): Promise<void> {
  for (let i = 0; ; i++) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) return; // prettier-ignore
    if (i === 100) throw new Error(`${WEBKIT_DRIVER} does not answer at ${url}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Ends the driver with its X server and browser: they are one process group. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // Already gone.
  }
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
