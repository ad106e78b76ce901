/** Runs in the page: asks the built library for attributes and embeddings of photos by URL. */
import type { AttributeGroup, Emotions, NearFace } from '../../src/index.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** What the library says of the face nearest to a photo's centre. */
export interface SeenFace {
  readonly age?: number;
  readonly gender?: 'male' | 'female';
  readonly certainty?: number;
  readonly emotions?: Emotions;
  readonly embedding?: readonly number[];
}

/** A photo, and its face if one was found. */
export interface SeenPhoto {
  readonly image: string;
  readonly face?: SeenFace;
}

/** What the Node side calls. */
export class AttributesPage {
  #nf: NearFace | undefined;
  /** What `#nf` was started from. */
  #assets = '';
  #timings: NearFace['info']['timings'] = {};

  /** Starts the library with the models of `assets` on one thread of WASM, in place of the one before. */
  async #start(assets: string): Promise<void> {
    if (this.#assets === assets) return;
    const timings = this.timings();
    await this.#nf?.dispose();
    this.#timings = timings;
    this.#nf = await startLibrary({ assets });
    this.#assets = assets;
  }

  /** Photos of one set, by the library of `assets`; `embed` asks for embeddings too. */
  async see(
    assets: string,
    set: string,
    images: readonly string[],
    groups: readonly AttributeGroup[],
    embed: boolean,
  ): Promise<SeenPhoto[]> {
    await this.#start(assets);
    const photos: SeenPhoto[] = [];
    for (const image of images) {
      const blob = await (await fetch(`/${set}/${encodeURIComponent(image)}`)).blob();
      photos.push(await this.#seeOne(image, blob, groups, embed));
    }
    return photos;
  }

  /** Median milliseconds of each stage, as the last library that ran it measured them. */
  timings(): NearFace['info']['timings'] {
    return { ...this.#timings, ...this.#nf?.info.timings };
  }

  async #seeOne(
    image: string,
    blob: Blob,
    groups: readonly AttributeGroup[],
    embed: boolean,
  ): Promise<SeenPhoto> {
    const options = { returnDetails: { attributes: groups } };
    const seen = await (
      embed ? this.#nf!.embed(blob, { ...options, faces: 'all' }) : this.#nf!.detect(blob, options)
    ).catch(
      // A photo without a face is a result, not an error.
      () => undefined,
    );
    if (!seen) return { image };
    const fromCentre = ({
      left,
      top,
      width,
      height,
    }: {
      left: number;
      top: number;
      width: number;
      height: number;
    }): number => Math.hypot(left + width / 2 - seen.width / 2, top + height / 2 - seen.height / 2);
    const face = seen.faces.toSorted((a, b) => fromCentre(a.position) - fromCentre(b.position))[0];
    if (!face) return { image };
    const { age, gender, emotions } = face.attributes ?? {};
    return {
      image,
      face: {
        ...(age && { age: age.value }),
        ...(gender && { gender: gender.value, certainty: gender.certainty }),
        ...(emotions && { emotions }),
        ...(face.embedding && { embedding: [...face.embedding] }),
      },
    };
  }
}

(globalThis as { attributesPage?: AttributesPage }).attributesPage = new AttributesPage();
