import { readFile } from 'node:fs/promises';
import { setTimeout as later } from 'node:timers/promises';
import { Random } from '../random.ts';
import { SAMPLES } from '../samples/samples.ts';
import { Api } from './api.ts';
import { WritingClient } from './client.ts';
import { look, type Looking } from './look.ts';
import type { Place } from './place.ts';

/** The latest moment of a kill, in milliseconds after the clients began. */
const LATEST_KILL_MS = 1500;

/** Share of kills that come with an acknowledgement, or this soon after it; the others come at any moment. */
const AT_ONCE = 0.6;
const SOON_MS = 25;

/** With which acknowledgement at the latest. */
const LATEST_ACKNOWLEDGED = 20;

/** Every so manieth look is at all embeddings; the last one, too. */
const WHOLE_LOOKS = 10;

/** Faults of a kind that are printed. */
const MOST_FAULTS = 12;

/** What a lane has seen. */
export interface Tally {
  kills: number;
  acknowledged: number;
  /** Operations in flight when something was killed: those that were there afterwards, and those that were not. */
  done: number;
  undone: number;
  lost: number;
  torn: number;
}

/** The picture that clients send. */
export async function photo(): Promise<Blob> {
  return new Blob([await readFile(new URL('sample1.jpg', SAMPLES))], { type: 'image/jpeg' });
}

/** The embeddings of the photo's faces; nothing of it stays in the store. */
export async function vectorsOfPhoto(api: Api): Promise<readonly Float32Array[]> {
  const faces = await api.addPhoto(await photo(), 'measure', []);
  const vectors = await Promise.all(faces.map(({ id }) => api.vector(id)));
  for (const { id } of faces) await api.deleteFace(id);
  return vectors;
}

/** Clients write, something is killed and started again, and all is looked at: over and over. */
export async function runLane(
  place: Place,
  kills: number,
  clientCount: number,
  seed: number,
): Promise<Tally> {
  const random = new Random(seed);
  const tally: Tally = { kills: 0, acknowledged: 0, done: 0, undone: 0, lost: 0, torn: 0 };
  const photoVectors = await vectorsOfPhoto(new Api(place.url));
  const dimension = photoVectors[0]?.length ?? 0;
  const picture = await photo();
  const clients = Array.from(
    { length: clientCount },
    (_, i) => new WritingClient(i + 1, new Random(random.bits()), picture, dimension),
  );
  const looking: Looking = { clients, random, dimension, photoVectors };
  for (let kill = 0; kill < kills && tally.lost + tally.torn === 0; kill++) {
    const api = new Api(place.url);
    let acknowledged = (): void => undefined;
    const writing = Promise.all(clients.map((client) => client.write(api, () => acknowledged())));
    // It is awaited below; until then its rejection is not to end the process.
    writing.catch(() => undefined);
    if (random.next() < AT_ONCE) {
      let left = 1 + random.below(LATEST_ACKNOWLEDGED);
      const enough = new Promise<void>((done) => (acknowledged = () => void (--left === 0 && done())));
      await Promise.race([enough, later(2 * LATEST_KILL_MS)]);
      await later(SOON_MS * random.next());
    } else await later(LATEST_KILL_MS * random.next());
    await place.crash(kill);
    for (const client of clients) client.stop();
    await writing;
    await place.recover();
    tally.kills++;
    const isWhole = kill % WHOLE_LOOKS === WHOLE_LOOKS - 1 || kill === kills - 1;
    const verdict = await look(new Api(place.url), looking, isWhole);
    tally.done += verdict.done;
    tally.undone += verdict.undone;
    tally.lost += verdict.lost.length;
    tally.torn += verdict.torn.length;
    print(place, kill, seed, { lost: verdict.lost, torn: verdict.torn });
    if (isWhole)
      console.log(
        `  ${place.name}: ${tally.kills} of ${kills} kills, ${tally.done} of the calls in flight done`,
      );
  }
  tally.acknowledged = clients.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  return tally;
}

function print(
  place: Place,
  kill: number,
  seed: number,
  faults: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [kind, some] of Object.entries(faults)) {
    if (some.length === 0) continue;
    console.error(`${place.name}, seed ${seed}, after kill ${kill + 1}:`);
    for (const fault of some.slice(0, MOST_FAULTS)) console.error(`  ${kind}: ${fault.slice(0, 400)}`);
    if (some.length > MOST_FAULTS) console.error(`  ${kind}: … ${some.length} in all`);
    console.error(`the server said last:\n${place.said.slice(-2000)}`);
  }
}
