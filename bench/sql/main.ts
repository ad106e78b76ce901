/**
 * `npm run bench:sql [-- --faces 1000000 --enrol 100000 --runs 3]`: galleries in a PostgreSQL of its own on loopback: how many embeddings a
 * second are enrolled, and how long a gallery takes to open beside reading it plainly by COPY. And the first of both in a PGlite's folder.
 * Needs the built library, PostgreSQL's programs, and two kilobytes of disk a face.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import type { NearFace } from '../../src/index.ts';
import { parseDatabaseUrl } from '../../src/core/database-url.ts';
import { GalleryEngine } from '../../src/gallery/gallery-engine.ts';
import { inSchema } from '../../src/gallery/sql/schema.ts';
import { inSql } from '../../src/gallery/sql/sql-database.ts';
import { CopyOut } from '../../src/platform/node/copy-out.ts';
import { postgresAt } from '../../src/platform/node/postgres.ts';
import { PostgresConnection } from '../../src/platform/node/postgres-connection.ts';
import { compileKernel } from '../../src/search/kernel/kernel.ts';
import { findPostgres } from '../../tools/postgres/binaries.ts';
import { PostgresServer } from '../../tools/postgres/server.ts';
import { libraryFolder, requireLibrary } from '../../tools/pages.ts';
import { median } from '../harness/averages.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { syntheticFaces } from '../harness/synthetic-faces.ts';
import { printTable } from '../harness/table.ts';

const { values: args } = parseArgs({
  options: {
    faces: { type: 'string', default: '1000000' },
    enrol: { type: 'string', default: '100000' },
    folder: { type: 'string', default: '20000' },
    runs: { type: 'string', default: '3' },
  },
});
const [faces, enrol, inFolder, runs] = [args.faces, args.enrol, args.folder, args.runs].map(Number) as [
  number,
  number,
  number,
  number,
];

/** Faces whose embeddings are made at a time. */
const SLICE = 20_000;

interface Library {
  readonly NearFace: typeof NearFace;
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};

/** Enrols by the library as its users have it. Answers the seconds of the enrolment alone. */
async function enrolInto(
  database: { readonly url: string } | { readonly folder: string },
  count: number,
  first: number,
): Promise<number> {
  const library = (await import(pathToFileURL(resolve(libraryFolder(), 'node/nearface.js')).href)) as Library;
  const nf = await library.NearFace.create({ database });
  try {
    const gallery = await nf.galleries.get();
    const { dimension } = nf.info.embedding;
    let spent = 0;
    for (let from = 0; from < count; from += SLICE) {
      const vectors = syntheticFaces(Math.min(SLICE, count - from), dimension, first + from);
      const items = Array.from({ length: vectors.length / dimension }, (_, i) => ({
        embedding: vectors.slice(i * dimension, (i + 1) * dimension),
        meta: `Person ${Math.floor((first + from + i) / 5)}`,
      }));
      spent += await seconds(() => gallery.addEmbeddings(items));
    }
    return spent;
  } finally {
    await nf.dispose();
  }
}

/** Faces as they are, by psql into nothing, and by the reader of the library with nothing done. */
const FACES = inSchema('nearface')(
  'SELECT f.seq, f.record, v.vector FROM @faces f LEFT JOIN @vectors v USING (seq) ORDER BY f.seq',
);
/** What of them is read at the opening. */
const COLUMNS = inSchema('nearface')(
  'SELECT seq, model, galleries, facts, vector FROM @vectors ORDER BY seq',
);

async function readPlainly(url: string, query: string): Promise<number> {
  const database = parseDatabaseUrl(url);
  if (!database) throw new Error('no URL of PostgreSQL');
  const connection = new PostgresConnection(database, (options) => new pg.Client(options));
  const client = await connection.get();
  const spent = await seconds(() => client.query(new CopyOut(query, () => undefined)).done);
  await connection.close();
  return spent;
}

async function openOnce(url: string, kernel: WebAssembly.Module): Promise<number> {
  let engine: GalleryEngine | undefined;
  const spent = await seconds(async () => {
    engine = await GalleryEngine.open(inSql({ open: postgresAt(url) }), { kernel });
  });
  engine?.close();
  return spent;
}

await requireLibrary();
const binaries = await findPostgres();
if (!binaries) {
  console.log("Skipped: PostgreSQL's programs are not on this machine.");
  process.exit(0);
}
const exec = promisify(execFile);
const kernel = await readFile(new URL('../../src/search/kernel/search-simd.wasm', import.meta.url)).then(
  compileKernel,
);
const postgres = await PostgresServer.create(binaries, ['shared_buffers=512MB', 'max_wal_size=4GB']);
const folder = await mkdtemp(join(tmpdir(), 'nearface-bench-'));
try {
  const enrolSeconds = await enrolInto({ url: postgres.url }, enrol, 0);
  console.log(`${enrol} embeddings enrolled in PostgreSQL in ${enrolSeconds.toFixed(1)} s`);
  const folderSeconds = await enrolInto({ folder: join(folder, 'faces') }, inFolder, 0);
  console.log(`${inFolder} embeddings enrolled in PGlite in ${folderSeconds.toFixed(1)} s`);
  if (faces > enrol) await enrolInto({ url: postgres.url }, faces - enrol, enrol);
  console.log('filled');
  await postgres.ask('VACUUM ANALYZE');
  const psql = async (): Promise<number> =>
    seconds(() =>
      exec('sh', [
        '-c',
        `${join(binaries.folder, 'psql')} '${postgres.url}' -c "COPY (${FACES.replaceAll('"', '\\"')}) TO STDOUT (FORMAT binary)" > /dev/null`,
      ]),
    );
  type Measured = Readonly<Record<'psql' | 'copy' | 'columns' | 'open', number>>;
  const measured: Measured[] = [];
  for (let run = 0; run < runs; run++)
    measured.push({
      psql: await psql(),
      copy: await readPlainly(postgres.url, FACES),
      columns: await readPlainly(postgres.url, COLUMNS),
      open: await openOnce(postgres.url, kernel),
    });
  printTable(
    ['run', 'COPY by psql s', 'COPY read here s', 'of what is opened s', 'open s'],
    measured.map(({ psql: plain, copy, columns, open }, i) => [i + 1, plain, copy, columns, open]),
  );
  const of = (key: keyof Measured): number => median(measured.map((one) => one[key]));
  await writeResults('sql', {
    versions: {
      nearface: await packageVersion('nearface'),
      pg: await packageVersion('pg'),
      pglite: await packageVersion('@electric-sql/pglite'),
      postgresql: String(await postgres.ask('SHOW server_version')),
    },
    figures: { faces, enrol, enrolSeconds, inFolder, folderSeconds, measured },
    bars: [
      bar('embeddings enrolled a second in PostgreSQL', enrol / enrolSeconds, { least: 10_000 }),
      bar('embeddings enrolled a second in PGlite', inFolder / folderSeconds, { least: 2_000 }),
      bar('times as long to open as to read by COPY', of('open') / of('copy'), { most: 2 }),
    ],
  });
} finally {
  await postgres.drop();
  await rm(folder, { recursive: true, force: true });
}
