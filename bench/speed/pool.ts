/** Runs in the page: `addMany` of many photos with one vision worker and with several. */
import type { NearFace } from '../../src/index.ts';

/** Milliseconds for a photo, by rounds. */
export interface PoolTimes {
  readonly workers: number;
  readonly msPerPhoto: readonly number[];
  /** Faces enrolled in a round. */
  readonly added: number;
  /** Whether the faces lie in the order of the photos. */
  readonly inOrder: boolean;
}

/** Enrols the samples again and again into galleries in memory; the numbers of workers take turns, forwards and backwards. */
export async function timePool(
  samples: readonly string[],
  photos: number,
  rounds: number,
  numbers: readonly number[],
): Promise<readonly PoolTimes[]> {
  const blobs = await Promise.all(samples.map(async (url) => (await fetch(url)).blob()));
  const instances = await Promise.all(numbers.map(start));
  const times = numbers.map((workers) => ({ workers, msPerPhoto: [] as number[], added: 0, inOrder: true }));
  for (let round = -1; round < rounds; round++) {
    const order = [...times.keys()];
    for (const i of round % 2 === 0 ? order : order.toReversed()) {
      const count = round < 0 ? blobs.length * 2 : photos;
      const { ms, added, inOrder } = await enrol(instances[i]!, blobs, count, `round-${round + 1}`);
      const own = times[i]!;
      own.inOrder &&= inOrder;
      // The first warms up.
      if (round < 0) continue;
      own.msPerPhoto.push(ms / count);
      own.added = added;
    }
  }
  await Promise.all(instances.map((nf) => nf.dispose()));
  return times;
}

async function start(visionWorkers: number): Promise<NearFace> {
  const url = '/nearface/nearface.js';
  const { NearFace: library } = (await import(url)) as { NearFace: typeof NearFace };
  const preload = { embedding: true };
  return library.create({ assets: '/nearface/', database: null, device: 'wasm', visionWorkers, preload });
}

async function enrol(
  nf: NearFace,
  blobs: readonly Blob[],
  count: number,
  name: string,
): Promise<{ readonly ms: number; readonly added: number; readonly inOrder: boolean }> {
  const gallery = await nf.galleries.create(name);
  const items = Array.from({ length: count }, (_, i) => ({
    image: blobs[i % blobs.length]!,
    meta: String(i),
  }));
  const startMs = performance.now();
  const { added } = await gallery.addMany(items);
  const ms = performance.now() - startMs;
  const { records } = await gallery.list({ limit: 10_000 });
  const metas = records.map(({ meta }) => Number(meta));
  const inOrder = metas.every((meta, i) => i === 0 || meta > (metas[i - 1] as number));
  await nf.galleries.delete(name);
  return { ms, added, inOrder };
}
