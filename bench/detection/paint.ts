/** Paints scenes, in plain numbers, so that the same seed gives the same pixels everywhere. */
import type { Affine } from '../../src/geometry/similarity.ts';
import type { RgbaImage } from '../../src/image/pixels.ts';
import { Pyramid } from '../../src/image/pyramid.ts';
import { warpToRgba } from '../../src/image/warp.ts';
import { HEAD, type PlacedFace, type Scene } from './scenes.ts';
import { type BackgroundSources, paintBackground } from './backgrounds.ts';

/** From here to the rim, in the head's half axes, a cut-out fades into what it lies on. */
const FADE_FROM = 0.8;

/** The scene's pixels. `photos` holds every source photo that it names. */
export function paintScene(
  scene: Scene,
  photos: ReadonlyMap<string, Pyramid>,
  sources: BackgroundSources,
): RgbaImage {
  const picture = paintBackground(scene, sources);
  for (const face of scene.faces) paintFace(picture, face, photos.get(face.source.photo)!);
  return picture;
}

function paintFace(picture: RgbaImage, face: PlacedFace, photo: Pyramid): void {
  const { source, x, y, side, roll, blur } = face;
  const reach = Math.ceil(HEAD.up * side * 1.05);
  const length = 2 * reach;
  const left = Math.round(x) - reach;
  const top = Math.round(y) - reach;
  const toPhoto = mapToPhoto(face, left, top);
  const patch = blurredPatch(photo, toPhoto, length, blur, face);
  // The axes of the face in the scene: y points down, so a counter-clockwise roll turns the face's x axis upwards.
  const [cos, sin] = [Math.cos((roll * Math.PI) / 180), Math.sin((roll * Math.PI) / 180)];
  const margin = source.side / side;
  for (let py = Math.max(0, -top); py < length && top + py < picture.height; py++) {
    for (let px = Math.max(0, -left); px < length && left + px < picture.width; px++) {
      const [dx, dy] = [left + px + 0.5 - x, top + py + 0.5 - y];
      const across = (dx * cos - dy * sin) / (HEAD.across * side);
      const down = (dx * sin + dy * cos) / ((dx * sin + dy * cos < 0 ? HEAD.up : HEAD.down) * side);
      const inHead = fade(1 - Math.hypot(across, down), 1 - FADE_FROM);
      if (inHead <= 0) continue;
      const [a, b, c, d, e, f] = toPhoto;
      const inPhoto = fade(
        rimDistance(photo, a * px + c * py + e, b * px + d * py + f),
        4 * Math.max(1, margin),
      );
      blend(picture, left + px, top + py, patch, 4 * (py * length + px), inHead * inPhoto);
    }
  }
}

/** The part of the photo as it stands in the scene; blurred in whichever of the two has fewer pixels. */
function blurredPatch(
  photo: Pyramid,
  toPhoto: Affine,
  length: number,
  blur: number,
  { source, side }: PlacedFace,
): RgbaImage {
  if (source.side >= side) {
    const patch = warpToRgba(photo, toPhoto, length, length, 128);
    gaussianBlur(patch, blur * side);
    return patch;
  }
  const { width, height, data } = photo.level(0);
  const copy = { width, height, data: data.slice() };
  gaussianBlur(copy, blur * source.side);
  return warpToRgba(new Pyramid(copy, photo.kernel), toPhoto, length, length, 128);
}

/** From pixels of the patch at (left, top) of the scene to pixels of the source photo. */
function mapToPhoto({ source, x, y, side, roll }: PlacedFace, left: number, top: number): Affine {
  const scale = source.side / side;
  // Turning by `turn` counter-clockwise as seen takes the photo's face to the scene's; this is the way back.
  const turn = ((roll - source.roll) * Math.PI) / 180;
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const [dx, dy] = [left - x, top - y];
  return [cos, sin, -sin, cos, source.x + cos * dx - sin * dy, source.y + sin * dx + cos * dy];
}

function rimDistance({ width, height }: Pyramid, x: number, y: number): number {
  return Math.min(x, y, width - x, height - y);
}

/** Smoothly from 0 at 0 to 1 at `width`. */
function fade(value: number, width: number): number {
  const t = Math.min(1, Math.max(0, value / width));
  return t * t * (3 - 2 * t);
}

function blend(
  picture: RgbaImage,
  x: number,
  y: number,
  patch: RgbaImage,
  from: number,
  share: number,
): void {
  const at = 4 * (y * picture.width + x);
  for (let k = 0; k < 3; k++) {
    const under = picture.data[at + k]!;
    picture.data[at + k] = under + share * (patch.data[from + k]! - under);
  }
}

/** Separable, in place, edges repeated; `sigma` in pixels. */
export function gaussianBlur(image: RgbaImage, sigma: number): void {
  if (sigma < 0.2) return;
  const radius = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const weights = Float32Array.from(kernel, (weight) => weight / total);
  const { width, height, data } = image;
  for (let y = 0; y < height; y++) blurLine(data, 4 * y * width, 4, width, weights, radius);
  for (let x = 0; x < width; x++) blurLine(data, 4 * x, 4 * width, height, weights, radius);
}

function blurLine(
  data: Uint8ClampedArray,
  start: number,
  step: number,
  count: number,
  weights: Float32Array,
  radius: number,
): void {
  const line = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) line[3 * i + k] = data[start + i * step + k]!;
  }
  for (let i = 0; i < count; i++) {
    let [r, g, b] = [0, 0, 0];
    for (let j = 0; j < weights.length; j++) {
      const from = 3 * Math.min(count - 1, Math.max(0, i + j - radius));
      const weight = weights[j]!;
      r += weight * line[from]!;
      g += weight * line[from + 1]!;
      b += weight * line[from + 2]!;
    }
    const at = start + i * step;
    data[at] = r;
    data[at + 1] = g;
    data[at + 2] = b;
  }
}
