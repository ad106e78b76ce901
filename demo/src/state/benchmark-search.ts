import { NearFace } from 'nearface';
import type { SearchTimes } from '../model/benchmark-words.ts';
import { median } from '../model/format.ts';
import { ASSETS } from './engine.ts';
import type { TaskRun } from './long-task.ts';

const ROWS = 100_000;
const PHOTOS_PER_PERSON = 5;
const SINGLE = 20;
const AT_ONCE = 100;

/** Searches a gallery of made-up faces, in memory: nothing is stored. */
export async function measureSearch({ signal, report }: TaskRun): Promise<SearchTimes> {
  const nf = await NearFace.create({ assets: ASSETS, database: null, device: 'wasm', signal });
  try {
    const gallery = await nf.galleries.get();
    const probes: Float32Array[] = [];
    await gallery.addEmbeddings(madeUpFaces(nf.info.embedding.dimension, probes), {
      signal,
      onProgress: ({ done }) => report((0.9 * done) / ROWS),
    });
    const times: number[] = [];
    const options = { limit: 5, signal };
    await gallery.search(probes.slice(0, 1), options);
    for (const probe of probes.slice(0, SINGLE)) {
      const start = performance.now();
      await gallery.search([probe], options);
      times.push(performance.now() - start);
    }
    const start = performance.now();
    await gallery.search(probes.slice(0, AT_ONCE), options);
    const eachMs = (performance.now() - start) / AT_ONCE;
    report(1);
    return { rows: ROWS, oneMs: median(times), eachMs, atOnce: AT_ONCE };
  } finally {
    await nf.dispose();
  }
}

/**
 * People as directions by chance, each photo of one a copy with noise, at a cosine of about 0.6; every thousandth photo is a probe, with
 * other noise.
 */
function* madeUpFaces(
  dimension: number,
  probes: Float32Array[],
): Generator<{ readonly embedding: Float32Array; readonly reliability: number }, void> {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  let person = new Float32Array(dimension);
  const photo = (): Float32Array => person.map((value) => value + 0.8 * random());
  for (let row = 0; row < ROWS; row++) {
    if (row % PHOTOS_PER_PERSON === 0) person = person.map(random);
    yield { embedding: photo(), reliability: 1 };
    if (row % (ROWS / AT_ONCE) === 0) probes.push(photo());
  }
}
