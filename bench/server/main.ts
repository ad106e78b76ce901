/**
 * `npm run bench:server [-- --minutes 5 --clients 50 --faces 100000 --rounds 100 --workers N]`: `nearface serve` on a folder of faces under
 * load, a call in five of which enrols a photo and the others identify one, beside the same calls of the library in this process. The built library
 * must be there (`npm run build`). Clients run on the same machine, and take part of its time.
 */
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, quantile } from '../harness/averages.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { printTable } from '../harness/table.ts';
import { alternate, load, type LoadFigures, type Memory, watchMemory } from './load.ts';
import { fill, inProcess, openFolder, overHttp, samples } from './subjects.ts';

const { values: args } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    clients: { type: 'string', default: '50' },
    faces: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '100' },
    workers: { type: 'string' },
  },
});
const [minutes, clients, faces, rounds] = [args.minutes, args.clients, args.faces, args.rounds].map(
  Number,
) as [number, number, number, number];
const workers = args.workers === undefined ? undefined : Number(args.workers);
const cores = availableParallelism();

/** Bytes of all files of a folder. */
async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const facts = await Promise.all(names.map((name) => stat(join(folder, name))));
  return facts.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0);
}

/** The median between two moments, in bytes. */
function memoryIn(seen: readonly Memory[], from: number, to: number): number {
  return median(seen.filter(({ seconds }) => seconds >= from && seconds < to).map(({ bytes }) => bytes));
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const place = await mkdtemp(join(tmpdir(), 'nearface-bench-server-'));
try {
  const [ours, theirs] = [join(place, 'process'), join(place, 'server')];
  const filled = await fill(ours, faces);
  await cp(ours, theirs, { recursive: true });
  const bytes = await bytesOf(ours);
  console.log(
    `${faces} faces enrolled at ${Math.round((faces * 1000) / filled.ms)} a second; ${Math.round(bytes / faces)} bytes a face on the disk, ` +
      `${Math.round(filled.memory / faces)} in memory for searches`,
  );
  const photos = await samples();
  const server = await overHttp(theirs, photos, { clients, workers });
  const nf = await openFolder(ours, workers);
  const process = await inProcess(nf, photos);
  // Models are loaded by the first calls.
  await Promise.all([
    alternate([server.call, process], 10),
    load(server.call, cores * 2, 1),
    load(process, cores * 2, 1),
  ]);

  const [alone, aloneHere] = await alternate([server.call, process], rounds);
  // Call by call, since each photo takes its own time.
  const added = median(alone!.identify.map((ms, i) => ms - aloneHere!.identify[i]!));
  // Other work on the machine makes calls slower and none faster: the fastest tenth has least of it.
  const rows = (['identify', 'enrol'] as const).flatMap((kind) =>
    ([0.5, 0.1] as const).map((share) => [
      `${kind}, ${share === 0.5 ? 'median' : 'fastest tenth'}`,
      quantile(alone![kind], share),
      quantile(aloneHere![kind], share),
    ]),
  );
  console.log(`\nOne client, ${rounds} calls in turn, ms`);
  printTable(['call', 'over HTTP', 'in the process'], rows);

  const before = await server.usage();
  const loading = load(server.call, clients, minutes * 60_000);
  const seen = await watchMemory(async () => (await server.usage()).bytes, loading);
  const loaded = await loading;
  const after = await server.usage();
  // The first minute fills what is kept for calls under way, of as many clients as there are.
  const warmUp = Math.min(60, minutes * 20);
  const memory = {
    early: memoryIn(seen, warmUp, 2 * warmUp),
    late: memoryIn(seen, minutes * 60 - warmUp, Infinity),
  };
  const loadedHere = await load(process, clients, minutes * 60_000);
  const cpu = after.cpuSeconds - before.cpuSeconds;
  console.log(`\n${clients} clients, ${minutes} minutes each`);
  const row = (name: string, { perSecond, identify, enrol, errors }: LoadFigures): (string | number)[] => [
    name,
    ...[perSecond, perSecond / cores, identify.p50, identify.p95, enrol.p50, enrol.p95, errors.length],
  ];
  printTable(
    ['', 'calls/s', 'a core', 'identify p50 ms', 'p95', 'enrol p50 ms', 'p95', 'errors'],
    [row('over HTTP', loaded), row('in the process', loadedHere)],
  );
  const done = loaded.identify.calls + loaded.enrol.calls;
  console.log(
    `Server: ${((cpu * 1000) / done).toFixed(0)} ms of processor time a call; ${megabytes(before.bytes)} before the load, ` +
      `${megabytes(memory.early)} after ${warmUp} s of it, ${megabytes(memory.late)} at its end, ${megabytes(after.bytes)} after it`,
  );
  for (const error of loaded.errors.slice(0, 5)) console.log(error);
  await server.stop();
  await nf.dispose();

  await writeResults('server', {
    versions: { nearface: await packageVersion('nearface') },
    figures: {
      faces,
      clients,
      minutes,
      cores,
      filled,
      bytes,
      rows,
      loaded,
      loadedHere,
      before,
      after,
      memory,
      seen,
    },
    bars: [
      bar('ms that HTTP adds to an identify, one client, median', added, { most: 5 }),
      bar('errors', loaded.errors.length, { most: 0 }),
      bar('memory at the end by that at the beginning', after.bytes / before.bytes, { most: 1.2 }),
      bar('memory at the end of the load by that after its first minute', memory.late / memory.early, {
        most: 1.1,
      }),
    ],
  });
} finally {
  await rm(place, { recursive: true, force: true });
}
