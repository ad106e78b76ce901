/**
 * `tsx tools/video/engines.ts [--only ENGINE] FOLDER`: reads every video in a folder frame by frame in Chromium, Firefox and WebKit, and
 * clips that the page makes, and prints how: the way, the frames, those that were wrong. Needs the built library.
 */
import { build } from 'esbuild';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ENGINES, type Engine } from '../engines/drivers.ts';
import { serve } from '../serve.ts';
import type { FileReport } from './engines-page.ts';

const root = resolve(import.meta.dirname, '../..');
const PAGE_MS = 400_000;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const videos = resolve(positionals[0] ?? 'temp');

async function pageFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-frames-'));
  await build({
    entryPoints: [join(root, 'tools/video/engines-page.ts')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
  });
  const page =
    '<!doctype html><meta charset="utf-8"><title>Frames</title><body><script type="module" src="page.js"></script>';
  await writeFile(join(folder, 'index.html'), page);
  const names = (await readdir(videos)).filter((name) => /\.(mp4|mov|webm|mkv)$/.test(name)).sort();
  await writeFile(join(folder, 'files.json'), JSON.stringify(names));
  return folder;
}

async function run(engine: Engine, url: string): Promise<readonly FileReport[]> {
  const driven = await engine.open();
  console.log(`${engine.name} ${driven.version}`);
  let last: readonly FileReport[] = [];
  try {
    await driven.goto(`${url}/index.html`);
    for (const deadline = Date.now() + PAGE_MS; Date.now() < deadline;) {
      const report = (await driven.evaluate('window.frameReports ?? null').catch(() => null)) as
        Window['frameReports'] | null;
      last = report?.files ?? last;
      if (report?.done) break;
      await new Promise((done) => setTimeout(done, 250));
    }
  } finally {
    await driven.close();
  }
  return last;
}

const folder = await pageFolder();
const server = await serve({
  root: { '/': folder, '/lib/': join(root, 'dist'), '/files/': videos },
  isolated: true,
});
let failed = 0;
for (const engine of ENGINES.filter(({ name }) => !values.only || name === values.only)) {
  if (!engine.isThere()) {
    console.log(`${engine.name} was not found; install it: ${engine.install}`);
    continue;
  }
  for (const { file, way = '', about = '', frames, wrong, perSecond, error } of await run(
    engine,
    server.url,
  )) {
    if (error !== undefined || wrong) failed++;
    const figures = frames === undefined ? '' : `${frames} frames, ${wrong} wrong, ${perSecond ?? '-'}/s`;
    console.log(`  ${file}: ${[way, about, figures, error].filter(Boolean).join(' | ')}`);
  }
}
await server.close();
await rm(folder, { recursive: true, force: true });
process.exitCode = failed > 0 ? 1 : 0;
