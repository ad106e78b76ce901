import { findChromium } from '../chromium.ts';
import { run } from './run.ts';

/** Ways to get a Chromium, the gentlest first. */
const INSTALLERS: readonly string[] = [
  'playwright install chromium',
  ...(process.getuid?.() === 0
    ? [
        'playwright install --with-deps chromium',
        'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium',
      ]
    : []),
];

/** Path of a Chromium that starts; installs one if there is none. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found && (await starts(found))) return found;
  for (const command of INSTALLERS) {
    console.log(`No Chromium that starts; trying: ${command}`);
    const { code, output } = await run(command);
    const path = findChromium();
    if (code === 0 && path && (await starts(path))) return path;
    console.log(output.trim().split('\n').slice(-5).join('\n'));
  }
  throw new Error(
    'There is no Chromium to test in. Install one with `npx playwright install --with-deps chromium` or ' +
      '`apt-get install chromium`, or name one in the environment variable CHROMIUM.',
  );
}

async function starts(path: string): Promise<boolean> {
  const command = `"${path}" --headless --no-sandbox --disable-gpu --dump-dom about:blank`;
  return (await run(command)).code === 0;
}
