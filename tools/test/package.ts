/** `npm run test:package`: builds and packs the library, and checks the tarball as those who install it see it. */
import { mkdir } from 'node:fs/promises';
import { line } from './counts.ts';
import { ensureChromium } from './ensure-chromium.ts';
import { BUILDS, CHECKS, PACK, playwright, runStep, TARBALL } from './steps.ts';

process.env['CHROMIUM'] = await ensureChromium();
await mkdir('temp', { recursive: true });
const ofTarball = CHECKS.filter(({ command }) => command.includes(TARBALL));
for (const step of [...BUILDS, PACK, ...ofTarball, playwright('e2e/package e2e/node')]) {
  const { outcome, counts } = await runStep(step);
  console.log(`${step.name}: ${line(counts)} (${outcome.seconds.toFixed(1)} s)`);
  if (counts.failed === 0) continue;
  console.error(outcome.output);
  process.exitCode = 1;
  break;
}
