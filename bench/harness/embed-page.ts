/** Runs in the page: embeds photos by URL with the built library. */
import type { Angle, EmbedOptions, ModelEntry, NearFace, Quality } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** A face of a photo. */
export interface EmbeddedFace {
  /** In pixels: left, top, width, height. */
  readonly box: readonly [number, number, number, number];
  readonly embedding: readonly number[];
  /** Absent for a model that tells none. */
  readonly reliability?: number;
  /** If asked for. */
  readonly quality?: Quality;
  readonly angle?: Angle;
}

/** What the library made of a photo. */
export interface EmbeddedPhoto {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly EmbeddedFace[];
  readonly error?: string;
}

/** What is asked of the library, as its user would. */
export type AskFor = Pick<EmbedOptions, 'mode' | 'faces' | 'returnDetails'>;

/** What the Node side calls. */
export class EmbedPage {
  #nf: NearFace | undefined;

  /** Starts the library on one thread of WASM; returns what it reports of itself. */
  async start(model?: string | ModelEntry): Promise<NearFace['info']> {
    const models = model === undefined ? {} : { models: { embedding: model } };
    this.#nf = await startLibrary(models);
    return this.#nf.info;
  }

  async embed(images: readonly string[], ask: AskFor): Promise<readonly EmbeddedPhoto[]> {
    const photos: EmbeddedPhoto[] = [];
    for (const image of images) photos.push(await this.#embedOne(image, ask));
    return photos;
  }

  /** Median milliseconds of each stage. */
  timings(): NearFace['info']['timings'] {
    return this.#nf!.info.timings;
  }

  async #embedOne(image: string, ask: AskFor): Promise<EmbeddedPhoto> {
    const blob = await (await fetch(`/photos/${encodeURIComponent(image)}`)).blob();
    try {
      const { width, height, faces } = await this.#nf!.embed(blob, ask);
      return {
        image,
        width,
        height,
        faces: faces.map(
          ({ position: { left, top, width, height }, embedding, reliability, quality, angle }) => ({
            box: [left, top, width, height],
            embedding: [...embedding!],
            ...(reliability !== undefined && { reliability }),
            ...(quality && { quality }),
            ...(angle && { angle }),
          }),
        ),
      };
    } catch (error) {
      return { image, width: 0, height: 0, faces: [], error: String(error) };
    }
  }
}

(globalThis as { embedPage?: EmbedPage }).embedPage = new EmbedPage();
