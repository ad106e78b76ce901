/** Runs in the page: finds the biggest face of each photo with the built library and cuts the training crop. */
import type { Face, NearFace, Point3 } from '../../src/index.ts';
import { applyAffine, invert } from '../../src/geometry/similarity.ts';
import { loadPixelKernel } from '../../src/image/kernel/kernel.ts';
import { Pyramid } from '../../src/image/pyramid.ts';
import { warpToRgba } from '../../src/image/warp.ts';
import { fetchAsset } from '../../src/platform/fetch-asset.ts';
import { cropFromMesh, MESH_POINTS } from '../../src/stages/face-mesh.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** A face cut out. */
export interface CutFace {
  readonly image: string;
  /** Where it was found: left, top, width and height in pixels of the photo. */
  readonly box?: readonly number[];
  /** RGB, row by row, base64; absent where no face was found. */
  readonly pixels?: string;
  /** 468 × (x, y) in pixels of the crop. */
  readonly mesh?: readonly number[];
  /** Corners of the image in pixels of the crop: four points, clockwise from its origin. */
  readonly frame?: readonly number[];
}

/** What the Node side calls. */
export class CropsPage {
  #nf: NearFace | undefined;
  readonly #kernel = loadPixelKernel(fetchAsset, new URL('/nearface/', location.href).href);

  async start(): Promise<void> {
    this.#nf = await startLibrary();
  }

  /** `side` in pixels; `enlarge` times the mesh's longer side is in the crop. */
  async cut(images: readonly string[], side: number, enlarge: number): Promise<CutFace[]> {
    const faces: CutFace[] = [];
    for (const image of images) faces.push(await this.#cutOne(image, side, enlarge));
    return faces;
  }

  /** All faces of each photo that `accurate` finds by default, with their boxes. */
  async cutAll(images: readonly string[], side: number, enlarge: number): Promise<CutFace[]> {
    const cut: CutFace[] = [];
    for (const image of images) {
      const blob = await (await fetch(`/photos/${encodeURIComponent(image)}`)).blob();
      const { faces } = await this.#nf!.detect(blob, { returnDetails: { mesh: true } });
      const pyramid = new Pyramid(await pixelsOf(blob), await this.#kernel);
      for (const { mesh, position } of faces) {
        const { left, top, width, height } = position;
        const box = [left, top, width, height];
        cut.push({ image, box, ...cutOut(pyramid, mesh!.slice(0, MESH_POINTS), side, enlarge) });
      }
    }
    return cut;
  }

  async #cutOne(image: string, side: number, enlarge: number): Promise<CutFace> {
    const blob = await (await fetch(`/photos/${encodeURIComponent(image)}`)).blob();
    const points = (await this.#find(blob, 'fast')) ?? (await this.#find(blob, 'accurate'));
    if (!points) return { image };
    const pyramid = new Pyramid(await pixelsOf(blob), await this.#kernel);
    return { image, ...cutOut(pyramid, points, side, enlarge) };
  }

  /** The mesh of the biggest face, without the points of the irises, which only `accurate` gives. */
  async #find(blob: Blob, mode: 'fast' | 'accurate'): Promise<readonly Point3[] | undefined> {
    const { faces } = await this.#nf!.detect(blob, { mode, returnDetails: { mesh: true } });
    const areaOf = ({ position: { width, height } }: Face): number => width * height;
    return faces.toSorted((a, b) => areaOf(b) - areaOf(a))[0]?.mesh?.slice(0, MESH_POINTS);
  }
}

async function pixelsOf(blob: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(blob);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

function cutOut(
  pyramid: Pyramid,
  points: readonly Point3[],
  side: number,
  enlarge: number,
): Required<Pick<CutFace, 'pixels' | 'mesh' | 'frame'>> {
  const mesh = new Float32Array(3 * MESH_POINTS);
  points.forEach(({ x, y, z }, i) => mesh.set([x, y, z], 3 * i));
  const toImage = cropFromMesh(mesh, side, enlarge);
  const toCrop = invert(toImage);
  const { width, height } = pyramid;
  const corners = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ] as const;
  const inCrop = ([x, y]: readonly [number, number]): number[] => {
    const point = applyAffine(toCrop, { x, y });
    return [Number(point.x.toFixed(2)), Number(point.y.toFixed(2))];
  };
  return {
    pixels: base64(rgbOf(warpToRgba(pyramid, toImage, side, side).data)),
    mesh: points.flatMap(({ x, y }) => inCrop([x, y])),
    frame: corners.flatMap(inCrop),
  };
}

function rgbOf(rgba: Uint8ClampedArray): Uint8Array {
  return new Uint8Array((rgba.length / 4) * 3).map((_, i) => rgba[4 * Math.floor(i / 3) + (i % 3)]!);
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

(globalThis as { cropsPage?: CropsPage }).cropsPage = new CropsPage();
