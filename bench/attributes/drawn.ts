/** What the built library says of glasses drawn on faces that `model-factory/train` did not fit on. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GLASSES, type GlassesKind } from '../../tools/drawing/glasses-looks.ts';
import type { Spectacled, TraitsPage } from './traits-page.ts';
import { CELEBA_FITTED, inChunks, isHeldOut, readLabels, some, withTraitsPage } from './traits.ts';
import { bar, type Bar } from '../harness/results.ts';

declare const traitsPage: TraitsPage;

/** Shares of the faces by what their glasses are said to be. */
export interface DrawnRow {
  readonly drawn: string;
  readonly count: number;
  readonly without: number;
  readonly transparent: number;
  readonly sunglasses: number;
  /** Faces that are no longer found. */
  readonly lost: number;
}

const KINDS = Object.keys(GLASSES) as GlassesKind[];
const SEED = 5;
const LEAST_RIGHT = 0.9;

/**
 * Draws each kind on `faces` photos under `data`: half are celeba-dev's last ones that are labelled to wear none, half those of the
 * held-out people of lfw-dev. The row of what is drawn on none is of celeba-dev alone, since lfw-dev has no labels.
 */
export async function measureDrawnGlasses(
  data: string,
  faces: number,
): Promise<{ readonly rows: readonly DrawnRow[]; readonly bars: readonly Bar[] }> {
  const celeba = [...(await readLabels(data, 'celeba-dev'))].flatMap(([name, { Eyeglasses }]) =>
    Number.parseInt(name) > CELEBA_FITTED && Eyeglasses !== '1' ? [name] : [],
  );
  const lfw = (await readdir(join(data, 'lfw-dev', 'images'))).filter(isHeldOut).sort();
  const [ofCeleba, ofLfw] = await withTraitsPage(data, async (page) => {
    const spectacle = (set: string, names: readonly string[]): Promise<Spectacled[]> =>
      inChunks(some(names, faces / 2), (chunk, first) =>
        page.evaluate(
          ([from, images, kinds, start, seed]) => traitsPage.spectacle(from, images, kinds, start, seed),
          [set, chunk, KINDS, first, SEED] as const,
        ),
      );
    return [await spectacle('celeba-dev', celeba), await spectacle('lfw-dev', lfw)];
  });
  const rows = [
    rowOf(
      'none',
      ofCeleba.filter(({ kind }) => kind === 'none'),
    ),
    ...KINDS.flatMap((kind) => {
      const of = (all: readonly Spectacled[]): Spectacled[] => all.filter((face) => face.kind === kind);
      return [
        rowOf(kind, of([...ofCeleba, ...ofLfw])),
        rowOf(`${kind}, celeba-dev`, of(ofCeleba)),
        rowOf(`${kind}, lfw-dev`, of(ofLfw)),
      ];
    }),
  ];
  const bars = KINDS.map((kind) =>
    bar(`${kind} named right`, rows.find(({ drawn }) => drawn === kind)![GLASSES[kind]], {
      least: LEAST_RIGHT,
    }),
  );
  return { rows, bars };
}

function rowOf(drawn: string, faces: readonly Spectacled[]): DrawnRow {
  const share = (value: string | undefined): number =>
    faces.filter(({ attributes }) => attributes?.glasses?.value === value).length / faces.length;
  return {
    drawn,
    count: faces.length,
    without: share('without'),
    transparent: share('transparent'),
    sunglasses: share('sunglasses'),
    lost: share(undefined),
  };
}
