/**
 * `npm run test:engines [-- NAME…]`: the page of steps in Chromium, Firefox and WebKit, in those that are found. Needs the
 * built library and demo. `REQUIRE_ENGINES=1`: an engine that is missing is a failure. Writes `temp/engines.json`.
 */
import { build } from 'esbuild';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SAMPLES } from '../samples/samples.ts';
import { serve } from '../serve.ts';
import { add, line, NOTHING, type Counts } from '../test/counts.ts';
import { ENGINES, type Driven, type Engine } from './drivers.ts';
import type { PageReport, StepResult } from './report.ts';

const root = resolve(import.meta.dirname, '../..');
/** All steps of one page; those of the slowest engine take about a minute. */
const PAGE_MS = Number(process.env['PAGE_MS'] ?? 300_000);
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Steps</title><body>' +
  '<script type="module" src="page.js"></script></body></html>';

interface EngineReport {
  readonly engine: string;
  readonly version: string;
  readonly counts: Counts;
  readonly results: readonly StepResult[];
}

async function pageFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-engines-'));
  await build({
    entryPoints: [join(root, 'tools/engines/page.ts')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
  });
  await writeFile(join(folder, 'index.html'), PAGE);
  return folder;
}

async function runPage(driven: Driven, url: string): Promise<readonly StepResult[]> {
  const deadline = Date.now() + PAGE_MS;
  let last: PageReport | undefined;
  await driven.goto(url);
  while (Date.now() < deadline) {
    // While the page loads itself anew there is nothing to ask.
    const report = (await driven.evaluate('window.report ?? null').catch(() => null)) as PageReport | null;
    if (report?.done) return report.results;
    if (report) last = report;
    await new Promise((done) => setTimeout(done, 250));
  }
  const why = `the page was not done after ${PAGE_MS / 1000} s`;
  return [...(last?.results ?? []), { name: last?.running ?? 'load', outcome: 'failed', why, ms: PAGE_MS }];
}

async function runEngine(engine: Engine, url: string): Promise<EngineReport> {
  const results: StepResult[] = [];
  let version = '';
  const pages = [{ falsified: false, query: '' }];
  if (engine.name === 'Firefox') pages.push({ falsified: true, query: '?falsified' });
  for (const { falsified, query } of pages) {
    try {
      const driven = await engine.open({ falsified });
      version = driven.version;
      results.push(...(await runPage(driven, `${url}/index.html${query}`).finally(() => driven.close())));
    } catch (error) {
      results.push({ name: 'start', outcome: 'failed', why: String(error), ms: 0 });
    }
  }
  const countOf = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const counts = { passed: countOf('passed'), failed: countOf('failed'), skipped: countOf('skipped') };
  return { engine: engine.name, version, counts, results };
}

function missing(engine: Engine): EngineReport {
  const why = `${engine.name} was not found; install it: ${engine.install}`;
  const outcome = process.env['REQUIRE_ENGINES'] ? 'failed' : 'skipped';
  return {
    engine: engine.name,
    version: '',
    counts: { ...NOTHING, [outcome]: 1 },
    results: [{ name: 'start', outcome, why, ms: 0 }],
  };
}

function print({ engine, version, counts, results }: EngineReport, seconds: number): void {
  for (const { name, outcome, why, ms } of results)
    if (outcome !== 'passed')
      console.log(`  ${outcome.toUpperCase()}  ${engine}: ${name} (${ms} ms): ${why}`);
  console.log(`${engine} ${version}: ${line(counts)} (${seconds.toFixed(1)} s)`);
}

const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const chosen = ENGINES.filter(({ name }) => wanted.length === 0 || wanted.includes(name.toLowerCase()));
const folder = await pageFolder();
const server = await serve({
  root: {
    '/': folder,
    '/lib/': join(root, 'dist'),
    '/demo/': join(root, 'dist-demo'),
    '/photos/': fileURLToPath(SAMPLES),
  },
  isolated: true,
});
const reports: EngineReport[] = [];
for (const engine of chosen) {
  const start = performance.now();
  const report = engine.isThere() ? await runEngine(engine, server.url) : missing(engine);
  print(report, (performance.now() - start) / 1000);
  reports.push(report);
}
await server.close();
await rm(folder, { recursive: true, force: true });
await mkdir(join(root, 'temp'), { recursive: true });
await writeFile(join(root, 'temp/engines.json'), JSON.stringify(reports, undefined, 1));
const sum = reports.reduce((total, { counts }) => add(total, counts), NOTHING);
console.log(line(sum));
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
