/**
 * `npm run test:crash [-- --kills 200 --seed 1 --lanes 2 --only encrypt]`: galleries in a real browser whose processes are
 * killed while it writes, over and over: imports, enrolment jobs and regeneration
 * among the writes, on every second lane encryption and new keys, on the others two workers at once; nothing acknowledged may be lost, and nothing may be there in part.
 * With `--only` operations of a kind are handed out whenever they can be, and each kill falls after one of them.
 * The built library must be there (`npm run build`), for its search kernels. The seed decides the operations, but
 * not where in them a kill falls: a fault may need several runs to show again.
 *
 * Chromium deletes a database whose files it finds damaged, and a kill can damage them: LevelDB goes on writing
 * behind a torn record at the end of its log, and the next start meets that record in the middle
 * (https://github.com/google/leveldb/issues/1287). Such a database is counted apart, as thrown away by the browser:
 * no store within it could survive that.
 *
 * A browser that has not reached the next stage towards an open database in 30 s, or cannot open its own files, is killed and started anew, up to
 * three times, and counted as late; one that has it open, and does not tell what is in it within four minutes, is a fault.
 *
 * SIGKILL leaves what the system has taken to be written; the loss of power is not tried here.
 */
import { parseArgs } from 'node:util';
import { serve } from '../serve.ts';
import { Desk } from './desk.ts';
import { Lane, type Tally } from './lane.ts';
import { KINDS, type Operation } from './operation.ts';
import { makeSite } from './site.ts';

const { values: args } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    lanes: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});
const [kills, seed, laneCount] = [Number(args.kills), Number(args.seed), Number(args.lanes)];
const only = args.only as Operation['kind'] | undefined;
if (only !== undefined && !(only in KINDS))
  throw new Error(`--only ${only}: there are ${Object.keys(KINDS).join(', ')}`);
const isEncrypting = (lane: number): boolean => (only && KINDS[only] === 'encrypting') || lane % 2 === 0;

const started = performance.now();
const server = await serve({ root: await makeSite() });
const desk = await Desk.open();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const lanes = Array.from(
  { length: laneCount },
  (_, i) => new Lane(seed + i, server.url, desk, isEncrypting(i) ? 'encrypting' : 'two tabs', only),
);
try {
  await Promise.all(lanes.map((lane, i) => lane.run(Math.floor((kills + i) / laneCount))));
} finally {
  await desk.close();
  await server.close();
}

const total = (key: keyof Tally): number => lanes.reduce((sum, { tally }) => sum + tally[key], 0);
const seconds = (performance.now() - started) / 1000;
console.log(
  `${total('kills')} kills, ${total('acknowledged')} operations acknowledged, ${total('inside')} kills inside an operation ` +
    `(${total('done')} of these operations were there, ${total('undone')} were not), ` +
    `${total('copies')} left a copy beside the database, ${total('lost')} lost, ${total('torn')} torn, ${total('doubled')} doubled, ` +
    `${total('discarded')} databases thrown away by the browser (discarded), ${total('late')} browsers late; seed ${seed}, ${seconds.toFixed(0)} s`,
);
const kinds = new Set(lanes.flatMap((lane) => [...lane.kinds.keys()]));
const sumOf = (kind: Operation['kind'], what: 'acknowledged' | 'inside'): number =>
  lanes.reduce((sum, lane) => sum + (lane.kinds.get(kind)?.[what] ?? 0), 0);
const list = [...kinds].map((kind) => `${kind} ${sumOf(kind, 'acknowledged')}/${sumOf(kind, 'inside')}`);
console.log(`acknowledged/killed inside, by kind: ${list.join(', ')}`);
// Once more, after all that other lanes printed meanwhile.
for (const fault of lanes.flatMap((lane) => lane.faults)) console.log(fault);
if (total('lost') + total('torn') + total('doubled') > 0) process.exitCode = 1;
