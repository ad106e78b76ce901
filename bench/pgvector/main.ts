/**
 * `npm run test:pgvector [-- --faces 1000000 --probes 1000 --folder DIR --mirror URL --url URL --no-laws]`: a PostgreSQL 17 with pgvector, of
 * Debian trixie by debootstrap (3 to 7 minutes, 700 MB; `--folder` keeps it for the next run), or that of `--url`. The laws of databases and
 * the tests of candidates are held against it, and candidates are measured beside memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { bar, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { measure } from './measure.ts';
import { canStart, startVectorServer, type VectorServer } from './server.ts';

const { values: args } = parseArgs({
  options: {
    faces: { type: 'string', default: '1000000' },
    probes: { type: 'string', default: '1000' },
    folder: { type: 'string' },
    mirror: { type: 'string' },
    url: { type: 'string' },
    'no-laws': { type: 'boolean', default: false },
  },
});

async function holdLaws(url: string): Promise<boolean> {
  const tests = ['src/gallery/sql/contract.test.ts', 'src/gallery/sql/pgvector.test.ts'];
  const env = { ...process.env, DATABASE_URL: '', PGVECTOR_URL: url };
  const command = ['vitest', 'run', '--project', 'unit', ...tests, '-t', 'pgvector|half precision'];
  const child = spawn('npx', command, { env, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

if (args.url === undefined && !(await canStart())) {
  console.log('Skipped: this needs root and debootstrap, or --url of a PostgreSQL with pgvector.');
  process.exit(0);
}
const server: VectorServer =
  args.url === undefined
    ? await startVectorServer(args.folder, args.mirror)
    : { url: args.url, drop: async () => undefined };
try {
  if (!args['no-laws'] && !(await holdLaws(server.url))) process.exitCode = 1;
  const measured = await measure(server.url, Number(args.faces), Number(args.probes));
  printTable(
    [
      ...['faces', 'index s', 'open s', 'recall@1', 'recall@10', 'search ms', 'in memory ms'],
      ...['bytes a face', 'of the index', 'of the halves', 'enrolled a second'],
    ],
    [
      [
        ...[measured.faces, measured.indexed, measured.opened, measured.recallAt1, measured.recallAt10],
        ...[measured.searchMs, measured.memoryMs, measured.bytesPerFace],
        ...[measured.indexBytes, measured.tableBytes, measured.enrolled],
      ],
    ],
  );
  await writeResults('pgvector', {
    versions: {},
    figures: { ...measured },
    bars: [bar('recall@1 of candidates', measured.recallAt1, { least: 0.999 })],
  });
} finally {
  await server.drop();
}
