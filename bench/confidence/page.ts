/** Runs in the page: embeds photos as they are and made worse, with the built library. */
import type { NearFace, Point3 } from '../../src/index.ts';
import { degrade, type Degradation } from '../../tools/drawing/degrade.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** A face as the library gives it. */
export interface SeenFace {
  /** Place in the list of ways; -1 for the photo as it is. */
  readonly way: number;
  readonly embedding: readonly number[];
  readonly reliability: number;
  /** left, top, width, height */
  readonly box: readonly [number, number, number, number];
  readonly score: number;
}

/** What the Node side calls. */
export class ConfidencePage {
  #nf: NearFace | undefined;

  async start(model?: string): Promise<NearFace['info']> {
    this.#nf = await startLibrary(model === undefined ? {} : { models: { embedding: model } });
    return this.#nf.info;
  }

  /** The face nearest to the middle (or all faces) of the photo, then of each worse copy in which it is found. */
  async see(photo: string, ways: readonly Degradation[], all: boolean): Promise<SeenFace[]> {
    const blob = await (await fetch(`/photos/${encodeURIComponent(photo)}`)).blob();
    const clean = await this.#look(blob, -1, all);
    const seen = clean.map(({ face }) => face);
    if (!clean[0] || ways.length === 0) return seen;
    const bitmap = await createImageBitmap(blob);
    const [, , width, height] = clean[0].face.box;
    const { mesh } = clean[0];
    for (const [i, how] of ways.entries()) {
      const worse = await degrade(bitmap, mesh, Math.min(width, height), how);
      seen.push(...(await this.#look(worse, i, false)).map(({ face }) => face));
    }
    bitmap.close();
    return seen;
  }

  async #look(blob: Blob, way: number, all: boolean): Promise<{ face: SeenFace; mesh: readonly Point3[] }[]> {
    const wants = way === -1 && !all;
    const { width, height, faces } = await this.#nf!.embed(blob, {
      mode: all ? 'accurate' : 'auto',
      minFaceSize: all ? 14 : 8,
      faces: all ? 'all' : 'biggest',
      returnDetails: { mesh: wants },
    });
    const seen = faces.map(({ position: box, score, embedding, reliability, mesh = [] }) => ({
      mesh,
      from: Math.hypot(box.left + box.width / 2 - width / 2, box.top + box.height / 2 - height / 2),
      face: {
        way,
        score,
        embedding: [...embedding!],
        reliability: reliability!,
        box: [box.left, box.top, box.width, box.height] as const,
      },
    }));
    return all ? seen : seen.sort((a, b) => a.from - b.from).slice(0, 1);
  }
}

(globalThis as { confidencePage?: ConfidencePage }).confidencePage = new ConfidencePage();
