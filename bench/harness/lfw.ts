import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '../../tools/data-sets.ts';

/** One pair of the verification protocol. */
export interface LabelledPair {
  readonly fold: number;
  readonly image1: string;
  readonly image2: string;
  readonly same: boolean;
}

/** Photos of people, named `Person_Name_0001.jpg`, and the pairs to verify. */
export interface VerificationData {
  readonly name: string;
  readonly imagesFolder: string;
  readonly images: readonly string[];
  readonly pairs: readonly LabelledPair[];
}

/** Reads lfw-dev under `NEARFACE_DATA` or ../shared/data; nothing where it is missing. */
export async function readLfwDev(): Promise<VerificationData | undefined> {
  const folder = join(dataFolder(), 'lfw-dev');
  const csv = join(folder, 'pairs.csv');
  if (!(await stat(csv).catch(() => undefined))?.isFile()) return undefined;
  const imagesFolder = join(folder, 'images');
  const images = (await readdir(imagesFolder)).filter((file) => file.endsWith('.jpg')).sort();
  return { name: 'lfw-dev', imagesFolder, images, pairs: parsePairs(await readFile(csv, 'utf8')) };
}

/** Reads `fold,image1,image2,same`, one pair a line under that header. */
export function parsePairs(csv: string): readonly LabelledPair[] {
  const [header, ...lines] = csv.trim().split(/\r?\n/);
  if (header !== 'fold,image1,image2,same') throw new Error(`pairs.csv has the header ${header}`);
  return lines.map((line) => {
    const [fold, image1, image2, same] = line.split(',');
    if (!image1 || !image2 || !/^[01]$/.test(same ?? '')) throw new Error(`pairs.csv: ${line}`);
    return { fold: Number(fold), image1, image2, same: same === '1' };
  });
}

/** The person of a photo: its file name up to the number. */
export function personOf(image: string): string {
  return image.replace(/_\d+\.[a-z]+$/i, '');
}
