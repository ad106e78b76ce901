import { readdir } from 'node:fs/promises';
import type { Page } from 'playwright';
import type { DetectionData } from './data.ts';
import type { DetectionPage } from './page.ts';
import type { FoundBox } from './types.ts';
import { SAMPLE_NAMES } from '../../tools/samples/samples.ts';

declare const detectionPage: DetectionPage;

/** How many of how many. */
export interface Share {
  readonly count: number;
  readonly of: number;
}

/** What nearface finds in whole photos; all of 0 where the data is missing or the group was not asked for. */
export interface PhotoMeasures {
  /** Photos of mask-dev with a mask in which a face is found. */
  readonly masks: Share;
  /** False faces in no-face-dev's photos. */
  readonly noFace: Share;
  /** Quarter turns of the group photos and of one in thirty of lfw-dev's that `autoRotate` tells. */
  readonly turns: Share;
  /** Of {@link YAWS_DEG}, heads of one in thirty of lfw-dev's photos, turned by that to either side, that are found. */
  readonly profiles: readonly Share[];
}

/** Photos of no-face-dev that hold faces of people after all, small ones in the background or drawn or carved ones: found by eye. */
const WITH_PEOPLE = new Set(
  [
    'bobsled breastplate canoe comic_book dogsled english_springer football_helmet grey_whale hippopotamus microwave',
    'parallel_bars pool_table puck shopping_cart ski steam_locomotive sturgeon television totem_pole trimaran',
    'vending_machine window_shade',
  ].flatMap((line) => line.split(' ').map((name) => `${name}.jpg`)),
);
const NONE: Share = { count: 0, of: 0 };
const EVERY_LFW = 30;
/** By how much heads are turned aside, in degrees. */
export const YAWS_DEG = [0, 30, 45, 60, 75] as const;

export async function measurePhotos(
  page: Page,
  data: DetectionData,
  groups: readonly string[] | undefined,
): Promise<PhotoMeasures> {
  const wanted = (group: string): boolean => !groups || groups.includes(group);
  const find = async (url: string): Promise<readonly FoundBox[]> => {
    const options = { minFaceSize: url.startsWith('/masks/') ? 16 : 'auto' } as const;
    const answers = await page.evaluate(([at, how]) => detectionPage.findInPicture(at, ['nearface'], how), [
      url,
      options,
    ] as const);
    return answers.nearface!.faces;
  };
  const namesIn = async (prefix: string): Promise<string[]> =>
    (await readdir(data.folders[prefix] ?? '').catch(() => [])).sort();
  let [masks, noFace, turns] = [NONE, NONE, NONE];
  const profiles = YAWS_DEG.map(() => NONE);
  if (wanted('masks')) {
    const names = (await namesIn('/masks/')).filter((name) => name.startsWith('with_mask'));
    for (const name of names) masks = add(masks, (await find(`/masks/${name}`)).length > 0 ? 1 : 0);
  }
  if (wanted('no-face')) {
    const names = (await namesIn('/no-face/')).filter((name) => !WITH_PEOPLE.has(name));
    for (const name of names)
      noFace = add(noFace, (await find(`/no-face/${encodeURIComponent(name)}`)).length);
  }
  if (wanted('turns')) {
    const photos = (await namesIn('/photos/')).filter((_, i) => i % EVERY_LFW === 0);
    const groupPhotos = SAMPLE_NAMES.map((name) => `/samples/${name}`);
    for (const url of [...groupPhotos, ...photos.map((name) => `/photos/${name}`)]) {
      for (const deg of [0, 90, 180, 270]) {
        const turn = await page.evaluate(([at, by]) => detectionPage.turnPicture(at, by), [
          url,
          deg,
        ] as const);
        turns = add(turns, turn === (360 - deg) % 360 ? 1 : 0);
      }
    }
  }
  if (wanted('profiles')) {
    const photos = (await namesIn('/photos/')).filter((_, i) => i % EVERY_LFW === 0);
    for (const name of photos) {
      for (const sign of [-1, 1]) {
        const yaws = YAWS_DEG.map((yaw) => sign * yaw);
        const answer = await page.evaluate(([at, by]) => detectionPage.findTurned(at, by), [
          `/photos/${name}`,
          yaws,
        ] as const);
        answer?.found.forEach((found, i) => (profiles[i] = add(profiles[i]!, found ? 1 : 0)));
      }
    }
  }
  return { masks, noFace, turns, profiles };
}

function add({ count, of }: Share, more: number): Share {
  return { count: count + more, of: of + 1 };
}
