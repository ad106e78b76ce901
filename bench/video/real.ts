/** Real clips of one person each, from the first to the last frame that shows a face one track. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { dataFolder } from '../../tools/data-sets.ts';
import { printTable } from '../harness/table.ts';
import type { VideoPage } from './page.ts';

declare const videoPage: VideoPage;

const CLIP = /\.(?:mp4|mov|webm|mkv)$/;

/** What was told of a clip. */
export interface RealResult {
  readonly clip: string;
  readonly frames: number;
  readonly tracks: string;
  readonly face: string;
  readonly ok: boolean;
}

/** The clips of video-dev: one person each. */
export async function followReal(page: Page): Promise<RealResult[]> {
  const files = await readdir(join(dataFolder(), 'video-dev')).catch(() => []);
  const results: RealResult[] = [];
  for (const clip of files.filter((name) => CLIP.test(name)).sort()) {
    const { frames, lost, first, last } = await page.evaluate(
      (url) => videoPage.watchFile(url),
      `/videos/${clip}`,
    );
    const tracks = lost.map(
      (track) => `#${track.trackId} ${track.firstFrame}–${track.lastFrame} ${track.reason}`,
    );
    const [only, ...others] = lost.filter(({ reason }) => reason !== 'same');
    const ok =
      others.length === 0 &&
      Math.abs((only?.firstFrame ?? NaN) - first) <= 2 &&
      Math.abs((only?.lastFrame ?? NaN) - last) <= 2;
    results.push({ clip, frames, tracks: tracks.join(', '), face: `${first}–${last}`, ok });
  }
  console.log('\nReal clips: a face is found in the whole frames from – to, and the tracks');
  printTable(
    ['clip', 'frames', 'face', 'tracks', ''],
    results.map(({ clip, frames, face, tracks, ok }) => [clip, frames, face, tracks, ok ? 'ok' : 'FAILED']),
  );
  return results;
}
