/**
 * `npm run bench:recall [-- --photos 100000]`: how often a search in two passes finds what a full one finds, on the
 * embeddings of real photos: a quarter of them is searched for among the others.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileKernel } from '../../src/search/kernel/kernel.ts';
import { SearchMatrix } from '../../src/search/matrix.ts';
import { recallOf } from '../../src/search/recall.ts';
import type { Match } from '../../src/search/top-k.ts';
import { embedAll } from '../harness/embed.ts';
import { bar, packageVersion, writeResults } from '../harness/results.ts';
import { dataFolder } from '../../tools/data-sets.ts';
import { requireLibrary } from '../../tools/pages.ts';

const SETS = ['celeba-dev', 'utkface-dev', 'lfw-dev'];

const { values } = parseArgs({ options: { photos: { type: 'string', default: '100000' } } });

/** The embedding of the biggest face of each photo in which one is found. */
async function embedSet(name: string, most: number): Promise<readonly Float32Array[]> {
  const imagesFolder = join(dataFolder(), name, 'images');
  const files = await readdir(imagesFolder).catch(() => []);
  const images = files.filter((file) => /\.(jpe?g|png)$/i.test(file)).sort();
  if (images.length === 0) return [];
  const data = { name, imagesFolder, images: images.slice(0, most), pairs: [] };
  const { photos } = await embedAll(data, { faces: 'biggest' });
  const found = photos.flatMap(({ faces }) => faces.map(({ embedding }) => Float32Array.from(embedding)));
  console.log(`${name}: ${found.length} of ${data.images.length} photos have a face`);
  return found;
}

async function search(
  matrix: SearchMatrix,
  probes: readonly Float32Array[],
  exact: boolean,
): Promise<readonly (readonly Match[])[]> {
  const all: (readonly Match[])[] = [];
  for (const probe of probes) {
    const options = { limit: 10, minScore: -1, exact };
    const [matches] = await matrix.scan(matrix.select(['all']), [probe], options, (scan) => {
      while (!scan.run(Infinity));
      return scan.results();
    });
    all.push(matches ?? []);
  }
  return all;
}

async function main(): Promise<void> {
  await requireLibrary();
  const sets: (readonly Float32Array[])[] = [];
  for (const name of SETS) sets.push(await embedSet(name, Number(values.photos)));
  const embeddings = sets.flat();
  const [first] = embeddings;
  if (!first) {
    console.log(`Skipped: no ${SETS.join(', ')} under ../shared/data or the folder named by NEARFACE_DATA.`);
    return;
  }
  const module = await compileKernel(await readFile('dist/search-simd.wasm'));
  const matrix = new SearchMatrix(module, first.length);
  const probes = embeddings.filter((_, i) => i % 4 === 0);
  embeddings.forEach((vector, i) => {
    if (i % 4 !== 0) matrix.add(i + 1, vector, ['all']);
  });
  const recall = recallOf(await search(matrix, probes, true), await search(matrix, probes, false));
  console.log(
    `${recall.probes} probes among ${matrix.size} faces: recall@1 ${recall.at1}, recall@10 ${recall.at10}`,
  );
  await writeResults('recall', {
    versions: { nearface: await packageVersion('nearface') },
    figures: { sets: SETS.map((name, i) => ({ name, faces: sets[i]?.length })), faces: matrix.size, recall },
    bars: [bar('recall@1', recall.at1, { least: 0.9999 }), bar('recall@10', recall.at10, { least: 0.999 })],
  });
}

await main();
