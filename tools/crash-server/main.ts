/**
 * `npm run test:crash-server [-- --kills 200 --seed 1 --clients 8 --only pglite|server|postgres|together|standby]`: clients write to
 * `nearface serve` while something is killed and started again, over and over: the server with the PGlite in it, the server before a
 * PostgreSQL, and that PostgreSQL before the server. Nothing acknowledged may be lost, and nothing may be there in part. Then two servers over
 * one PostgreSQL, of which one is told nothing of what the other writes; and a primary that is killed while a synchronous standby follows it.
 *
 * Needs the built library (`npm run build`), and PostgreSQL's programs for all but the PGlite: without them the rest is skipped, or has
 * failed where REQUIRE_ENGINES is set. SIGKILL leaves what the system has taken to be written; the loss of power is not tried here.
 */
import { parseArgs } from 'node:util';
import { type Binaries, findPostgres } from '../postgres/binaries.ts';
import { runLane, type Tally } from './lane.ts';
import { inFolder, killedPostgres, onPostgres, type Place } from './place.ts';
import { runStandby } from './standby.ts';
import { runTogether } from './together.ts';

const { values: args } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    clients: { type: 'string', default: '8' },
    only: { type: 'string' },
  },
});
const [kills, seed, clients] = [Number(args.kills), Number(args.seed), Number(args.clients)];
const isWanted = (name: string): boolean => args.only === undefined || args.only === name;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
let faults = 0;

async function lane(open: () => Promise<Place>, count: number, number: number): Promise<void> {
  const started = performance.now();
  const place = await open();
  let tally: Tally;
  try {
    tally = await runLane(place, count, clients, seed + number);
  } catch (error) {
    console.error(`${place.name}: the server said last:\n${place.said.slice(-3000)}`);
    throw error;
  } finally {
    await place.close();
  }
  const { acknowledged, done, undone, lost, torn } = tally;
  faults += lost + torn;
  console.log(
    `${place.name}: ${tally.kills} kills, ${acknowledged} operations acknowledged, ${done + undone} in flight at a kill ` +
      `(${done} were there, ${undone} were not), ${lost} lost, ${torn} torn; ${seconds(performance.now() - started)}`,
  );
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function together(binaries: Binaries): Promise<void> {
  const { notified, polled, faults: found } = await runTogether(binaries);
  faults += found.length;
  for (const fault of found) console.error(`two servers: ${fault}`);
  console.log(
    `two servers over one PostgreSQL: a write is seen after ${notified.median.toFixed(0)} ms (at most ${notified.most.toFixed(0)}); ` +
      `without notifications ${polled.median.toFixed(0)} ms (at most ${polled.most.toFixed(0)})`,
  );
}

async function standby(binaries: Binaries): Promise<void> {
  const { promotedMs, outageMs, acknowledged, lost, torn } = await runStandby(binaries, clients, seed);
  faults += lost.length + torn.length;
  for (const fault of [...lost, ...torn]) console.error(`standby: ${fault}`);
  console.log(
    `standby: ${acknowledged} operations acknowledged, ${lost.length} lost, ${torn.length} torn; ` +
      `promoted after ${seconds(promotedMs)}, answers again after ${seconds(outageMs)}`,
  );
}

const binaries = await findPostgres();
const lanes = binaries ? 3 : 1;
const share = (i: number): number => Math.floor((kills + i) / (args.only === undefined ? lanes : 1));
console.log(`seed ${seed}, ${clients} clients`);
if (isWanted('pglite')) await lane(inFolder, share(2), 0);
if (binaries) {
  if (isWanted('server')) await lane(() => onPostgres(binaries), share(1), 1);
  if (isWanted('postgres')) await lane(() => killedPostgres(binaries), share(0), 2);
  if (isWanted('together')) await together(binaries);
  if (isWanted('standby')) await standby(binaries);
} else {
  console.log("skipped: PostgreSQL's programs are not on this machine, or nobody who may run them");
  if (process.env['REQUIRE_ENGINES']) faults++;
}
if (faults > 0) process.exitCode = 1;
