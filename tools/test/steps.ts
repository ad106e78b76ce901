import { readFile, rm } from 'node:fs/promises';
import { enginesCounts, one, playwrightCounts, vitestCounts, type Counts, type Selection } from './counts.ts';
import { run, type Outcome } from './run.ts';

/** A part of `npm test`. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What the command's end means; by default exit code 0 is one test passed. */
  readonly count?: (outcome: Outcome) => Promise<Counts>;
}

/** Without these nothing else can be checked. */
export const BUILDS: readonly Step[] = [
  { name: 'build the library', command: 'tsx tools/build/build.ts --keep-api-report' },
  { name: 'build the demo', command: 'vite build' },
];

/** What {@link PACK} makes. */
export const TARBALL = 'temp/nearface.tgz';

/** What needs no browser. */
export const CHECKS: readonly Step[] = [
  { name: 'format', command: 'prettier --check .' },
  { name: 'lint', command: 'eslint .' },
  { name: 'types of the library', command: 'tsc -p .' },
  { name: 'types without a browser', command: 'tsc -p tsconfig.node.json' },
  { name: 'types of tools and tests', command: 'tsc -p tsconfig.tools.json' },
  { name: 'types of the demo', command: 'tsc -p demo' },
  {
    name: 'import directions',
    command: 'depcruise src demo tools bench model-factory server e2e --config .dependency-cruiser.cjs',
  },
  { name: 'docs', command: 'tsx tools/test/check-docs.ts' },
  { name: 'API report', command: 'tsx tools/test/check-api.ts' },
  { name: 'publint', command: `publint ${TARBALL} --strict` },
  {
    name: 'types as consumers see them',
    command: `attw ${TARBALL} --profile esm-only --entrypoints . ./rest ./service-worker`,
    // attw is content with a package that has no types at all.
    count: async ({ code, output }) =>
      one(code === 0 && output.includes('node16 (from ESM)') ? 'passed' : 'failed'),
  },
  { name: 'size limits', command: 'size-limit' },
  { name: 'models as the manifest says', command: 'tsx tools/test/check-models.ts' },
  {
    name: 'models rebuild the same',
    command: 'tsx model-factory/convert/main.ts --check',
    count: skippedOffline,
  },
];

export const PACK: Step = {
  name: 'pack',
  command: `npm pack --ignore-scripts --pack-destination temp && mv temp/nearface-*.tgz ${TARBALL}`,
};

const VITEST = 'temp/vitest.json';
const VITEST_LONG = 'temp/vitest-long.json';
const PLAYWRIGHT = 'temp/playwright.json';
const PLAYWRIGHT_LONG = 'temp/playwright-long.json';
const ENGINES = 'temp/engines.json';
/** The specs that {@link LONG} runs alone: tests so marked, and most of the demo's. vitest's tests have the tag `long`. */
const SLOW = '@long|demo-(details|naming|people|storage)';
/** The files of vitest with such tests: each that is looked into takes its time. */
const SLOW_FILES = `$(grep -rlE "@module-tag long|tags: 'long'" src --include='*.test.ts')`;

function vitest(selection: Selection, file: string, paths = ''): Step {
  return {
    name: `vitest${selection === 'long' ? ', slow tests' : ''}`,
    command: `vitest run --tags-filter '${selection}' --reporter=default --reporter=json --outputFile.json=${file} ${paths}`,
    count: async ({ code }) => vitestCounts(await report(file), code, selection),
  };
}

/** Playwright's specs, or those whose paths hold one of the words of `files`, with the packed tarball. */
export function playwright(files = ''): Step {
  return {
    name: `Playwright ${files}`.trim(),
    command: `playwright test --grep-invert "${SLOW}" ${files}`.trim(),
    env: { PLAYWRIGHT_JSON: PLAYWRIGHT, NEARFACE_TARBALL: TARBALL },
    count: async ({ code }) => playwrightCounts(await report(PLAYWRIGHT), code),
  };
}

/** The runners, which fill both cores; each report is read afterwards. */
export const RUNNERS: readonly Step[] = [vitest('!long', VITEST), playwright()];

/** What takes longer than a developer waits, one core each; see `long.ts`. */
export const LONG: readonly Step[] = [
  {
    name: 'slow specs, any bytes over HTTP',
    command: `playwright test --workers 1 --grep "${SLOW}|any bytes"`,
    env: { PLAYWRIGHT_JSON: PLAYWRIGHT_LONG, NEARFACE_TARBALL: TARBALL, REST_RUNS: '20000' },
    count: async ({ code }) => playwrightCounts(await report(PLAYWRIGHT_LONG), code),
  },
  vitest('long', VITEST_LONG, SLOW_FILES),
  {
    name: 'three engines',
    command: 'tsx tools/engines/main.ts',
    count: async ({ code }) => enginesCounts(await report(ENGINES), code),
  },
  { name: 'kill test', command: 'tsx tools/crash/main.ts --kills 200' },
  { name: 'kill test of servers', command: 'tsx tools/crash-server/main.ts --kills 20' },
  { name: 'docs site', command: 'tsx tools/docs/main.ts' },
  { name: 'soak test', command: 'tsx tools/soak/main.ts' },
];

/** All of them: their output is shown as it comes. */
export const TESTS: readonly Step[] = [...RUNNERS, ...LONG.slice(0, 5)];

/** Runs a step; one whose report cannot be read has failed. */
export async function runStep(step: Step): Promise<{ outcome: Outcome; counts: Counts }> {
  if (step.count)
    await Promise.all(
      [VITEST, VITEST_LONG, PLAYWRIGHT, PLAYWRIGHT_LONG].map((file) => removeOwnReport(step, file)),
    );
  if (step.command.includes('engines')) await rm(ENGINES, { force: true });
  const outcome = await run(step.command, { echo: TESTS.includes(step), ...(step.env && { env: step.env }) });
  const count = step.count ?? (async ({ code }: Outcome) => one(code === 0 ? 'passed' : 'failed'));
  return { outcome, counts: await count(outcome).catch(() => one('failed')) };
}

/** A report that an earlier run left must not speak for this one. */
async function removeOwnReport({ command, env }: Step, file: string): Promise<void> {
  if (command.includes(file) || Object.values(env ?? {}).includes(file)) await rm(file, { force: true });
}

async function report<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

/** Rebuilding fetches packages; where there is no network for it, that says nothing about the models. */
async function skippedOffline({ code, output }: Outcome): Promise<Counts> {
  if (code === 0) return one('passed');
  const offline =
    /npm error (code|network) ?(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|request to)/i;
  return one(offline.test(output) ? 'skipped' : 'failed');
}
