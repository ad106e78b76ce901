/** Runs in the page: what the built library says of faces as they are, and with one part covered. */
import type { Attributes, Box, Face, NearFace, Quality } from '../../src/index.ts';
import { Random } from '../../tools/random.ts';
import { drawGlasses } from '../../tools/drawing/glasses.ts';
import type { GlassesKind } from '../../tools/drawing/glasses-looks.ts';
import { coverPart, type Part } from '../../tools/drawing/occluder.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** What the library says of one face. */
export interface Described {
  readonly image: string;
  /** Absent where no face was found. */
  readonly attributes?: Attributes;
  readonly completeness?: Quality['completeness'];
}

/** A face whose `part` alone was covered. */
export interface Covered extends Described {
  readonly part: Part;
}

/** A face that glasses of `kind` were drawn on, or none. */
export interface Spectacled extends Described {
  readonly kind: GlassesKind | 'none';
}

/** All faces of a photo. */
export interface Crowd {
  readonly image: string;
  readonly faces: readonly (Box & Pick<Attributes, 'hat' | 'helmet'>)[];
}

/** What the Node side calls. */
export class TraitsPage {
  #nf: NearFace | undefined;

  /** Starts the library on one thread of WASM, with the models of `assets`, in place of the one before. */
  async start(assets: string = '/nearface/'): Promise<NearFace['info']> {
    await this.#nf?.dispose();
    this.#nf = await startLibrary({ assets });
    return this.#nf.info;
  }

  /** What all faces wear on their heads that are found by default in each photo of `folder`. */
  async crowds(folder: string, images: readonly string[]): Promise<Crowd[]> {
    const all: Crowd[] = [];
    for (const image of images) {
      const returnDetails = { attributes: ['appearance'] } as const;
      const { faces } = await this.#nf!.detect(await photo(folder, image), { returnDetails });
      const worn = faces.map(({ position, attributes }) => ({
        ...position,
        hat: attributes!.hat!,
        helmet: attributes!.helmet!,
      }));
      all.push({ image, faces: worn });
    }
    return all;
  }

  /** The biggest face of each photo of `folder`. */
  async describe(folder: string, images: readonly string[]): Promise<Described[]> {
    const all: Described[] = [];
    for (const image of images) {
      const face = await this.#biggest(await photo(folder, image));
      all.push({ image, ...saidOf(face) });
    }
    return all;
  }

  /**
   * Covers one part of each photo's biggest face, another by turns from `first` on, with something drawn by chance from
   * `seed`, and describes the face that is then found. Faces of which no part can be covered alone are left out.
   */
  async cover(
    folder: string,
    images: readonly string[],
    parts: readonly Part[],
    first: number,
    seed: number,
  ): Promise<Covered[]> {
    const all: Covered[] = [];
    for (const [i, image] of images.entries()) {
      const blob = await photo(folder, image);
      const clean = await this.#biggest(blob);
      if (!clean?.mesh) continue;
      const part = parts[(first + i) % parts.length]!;
      const random = new Random(seed + 7919 * (first + i));
      const things = await createImageBitmap(await photo(folder, random.pick(images)));
      const picture = coverPart(await createImageBitmap(blob), clean.mesh, part, things, random);
      if (!picture) continue;
      const found = await this.#near(
        await picture.convertToBlob({ type: 'image/jpeg', quality: 0.92 }),
        clean,
      );
      all.push({ image, part, ...saidOf(found) });
    }
    return all;
  }

  /** Describes each photo's biggest face, if there is one, as it is and with glasses of each kind, drawn by chance from `seed`. */
  async spectacle(
    folder: string,
    images: readonly string[],
    kinds: readonly GlassesKind[],
    first: number,
    seed: number,
  ): Promise<Spectacled[]> {
    const all: Spectacled[] = [];
    for (const [i, image] of images.entries()) {
      const blob = await photo(folder, image);
      const clean = await this.#biggest(blob);
      if (!clean?.mesh) continue;
      all.push({ image, kind: 'none', ...saidOf(clean) });
      const bitmap = await createImageBitmap(blob);
      for (const [k, kind] of kinds.entries()) {
        const picture = drawGlasses(bitmap, clean.mesh, kind, new Random(seed + 7919 * (first + i) + k));
        const drawn = await picture.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
        all.push({ image, kind, ...saidOf(await this.#near(drawn, clean)) });
      }
    }
    return all;
  }

  async #faces(blob: Blob, mode: 'fast' | 'accurate', minScore?: number): Promise<readonly Face[]> {
    const returnDetails = { mesh: true, quality: true, attributes: ['appearance', 'mask'] } as const;
    const options = { mode, returnDetails, ...(minScore === undefined ? {} : { minScore }) };
    return (await this.#nf!.detect(blob, options)).faces;
  }

  /** Looks quickly, then everywhere, then for anything that may be a face. */
  async #biggest(blob: Blob): Promise<Face | undefined> {
    const areaOf = ({ position }: Face): number => position.width * position.height;
    const first = (faces: readonly Face[]): Face | undefined =>
      faces.toSorted((a, b) => areaOf(b) - areaOf(a))[0];
    const quick = first(await this.#faces(blob, 'fast')) ?? first(await this.#faces(blob, 'accurate'));
    return quick ?? first(await this.#faces(blob, 'accurate', 0.1));
  }

  /** The face where `clean` was found. */
  async #near(blob: Blob, { position }: Face): Promise<Face | undefined> {
    const centre = (box: Face['position']): [number, number] => [
      box.left + box.width / 2,
      box.top + box.height / 2,
    ];
    const [x, y] = centre(position);
    const isNear = (face: Face): boolean => {
      const [otherX, otherY] = centre(face.position);
      return Math.hypot(otherX - x, otherY - y) < position.width / 2;
    };
    for (const look of [['fast'], ['accurate'], ['accurate', 0.1]] as const) {
      const found = (await this.#faces(blob, look[0], look[1])).find(isNear);
      if (found) return found;
    }
    return undefined;
  }
}

function saidOf(face: Face | undefined): Omit<Described, 'image'> {
  if (!face?.attributes || !face.quality) return {};
  return { attributes: face.attributes, completeness: face.quality.completeness };
}

async function photo(folder: string, image: string): Promise<Blob> {
  return (await fetch(`/${folder}/${encodeURIComponent(image)}`)).blob();
}

(globalThis as { traitsPage?: TraitsPage }).traitsPage = new TraitsPage();
