/** Runs in the page: landmarks and pose by the built library, and by the independent networks of another package. */
import * as ort from 'onnxruntime-web/wasm';
import type { Face, NearFace } from '../../src/index.ts';
import type { Pixel, Pose } from './measures.ts';
import { startLibrary } from '../../tools/library-in-page.ts';

/** A face by both. */
export interface ComparedFace {
  readonly ours: readonly Pixel[];
  readonly angle: Pose;
  /** 68 points, from the box of the package's own detector and from the square around it. */
  readonly fromBox: readonly Pixel[];
  readonly fromSquare: readonly Pixel[];
  readonly theirAngle: Pose;
}

/** What changes when a picture is mirrored or turned: differences from what should come out, in degrees. */
export interface Turned {
  readonly turn: number | 'mirrored';
  /** Faces of the upright picture. */
  readonly faces: number;
  /** One per face that was found again. */
  readonly differences: readonly Pose[];
}

type Rect = readonly [left: number, top: number, width: number, height: number];

/** Mean and deviation of ImageNet's channels, as the pose network wants them. */
const IMAGENET = [
  [0.485, 0.229],
  [0.456, 0.224],
  [0.406, 0.225],
] as const;

/** What the Node side calls. */
export class LandmarksPage {
  #nf: NearFace | undefined;
  #sessions: Readonly<Record<'detect' | 'landmark' | 'pose', ort.InferenceSession>> | undefined;

  async start(): Promise<NearFace['info']> {
    this.#nf = await startLibrary();
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = '/ort/';
    const open = (name: string): Promise<ort.InferenceSession> =>
      ort.InferenceSession.create(`/peer/${name}.onnx`);
    this.#sessions = {
      detect: await open('fr_detect'),
      landmark: await open('fr_landmark'),
      pose: await open('fr_pose'),
    };
    return this.#nf.info;
  }

  /** The face nearest to the middle of a photo; nothing where either side finds none. */
  async compare(path: string): Promise<ComparedFace | undefined> {
    const bitmap = await bitmapOf(path);
    const { width, height } = bitmap;
    const { faces } = await this.#nf!.detect(bitmap, { returnDetails: { landmarks: true, angle: true } });
    const [face] = faces.toSorted((a, b) => offCentre(a, width, height) - offCentre(b, width, height));
    const box = face && (await this.#detect(bitmap, face));
    if (!face || !box) return undefined;
    const { landmarks, angle } = face;
    return {
      ours: landmarks!.map(({ x, y }) => [x, y]),
      angle: angle!,
      fromBox: await this.#landmarks(bitmap, box),
      fromSquare: await this.#landmarks(bitmap, squared(box)),
      theirAngle: await this.#pose(bitmap, box),
    };
  }

  /** The same picture mirrored or turned counter-clockwise, its faces against those of the upright one. */
  async turn(path: string, turns: readonly Turned['turn'][]): Promise<Turned[]> {
    const bitmap = await bitmapOf(path);
    const ask = { returnDetails: { angle: true } } as const;
    const { faces } = await this.#nf!.detect(bitmap, ask);
    const results: Turned[] = [];
    for (const turn of turns) {
      const { image, place } = turnedImage(bitmap, turn);
      const found = (await this.#nf!.detect(image, ask)).faces;
      const differences = faces.flatMap(({ angle, position }) => {
        const [x, y] = place([angle!.centerX, angle!.centerY]);
        const again = found.find(({ angle: other }) => {
          return Math.hypot(other!.centerX - x, other!.centerY - y) < position.width / 4;
        });
        return again ? [differenceOf(angle!, again.angle!, turn)] : [];
      });
      results.push({ turn, faces: faces.length, differences });
    }
    return results;
  }

  /** The package's detector on the photo stretched to its input, its surest box about the middle of `face`. */
  async #detect(bitmap: ImageBitmap, { position }: Face): Promise<Rect | undefined> {
    const { width, height } = bitmap;
    const pixels = cropped(bitmap, [0, 0, width, height], 320, 240);
    const input = planes(pixels, (value) => (value - 127) / 128);
    const { scores, boxes } = await this.#sessions!.detect.run({
      input: new ort.Tensor(input, [1, 3, 240, 320]),
    });
    const [score, corners] = [scores!.data as Float32Array, boxes!.data as Float32Array];
    const x = (position.left + position.width / 2) / width;
    const y = (position.top + position.height / 2) / height;
    let best = -1;
    for (let i = 0; i < score.length / 2; i++) {
      const [left, top, right, bottom] = corners.subarray(4 * i, 4 * i + 4);
      const about = x > left! && x < right! && y > top! && y < bottom!;
      if (about && score[2 * i + 1]! > Math.max(0.5, score[2 * best + 1] ?? 0)) best = i;
    }
    if (best < 0) return undefined;
    const [left, top, right, bottom] = corners.subarray(4 * best, 4 * best + 4) as unknown as number[];
    return [left! * width, top! * height, (right! - left!) * width, (bottom! - top!) * height];
  }

  /** 68 points; grey / 256, and shares of the crop come back. Source: the package's lib/fr_landmark.js. */
  async #landmarks(bitmap: ImageBitmap, [left, top, width, height]: Rect): Promise<Pixel[]> {
    const { data } = cropped(bitmap, [left, top, width, height], 64, 64);
    const grey = Float32Array.from({ length: 64 * 64 }, (_, i) => {
      return (0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!) / 256;
    });
    const { output } = await this.#sessions!.landmark.run({ input: new ort.Tensor(grey, [1, 1, 64, 64]) });
    const shares = output!.data as Float32Array;
    return Array.from({ length: 68 }, (_, i) => [
      left + shares[2 * i]! * width,
      top + shares[2 * i + 1]! * height,
    ]);
  }

  /**
   * Hopenet's bins of 3° on the box with a quarter more on each side, cut at the picture. Its three angles have the opposite signs.
   * Source: the package's lib/fr_pose.js; channels in the order of its normalisation, RGB.
   */
  async #pose(bitmap: ImageBitmap, [left, top, width, height]: Rect): Promise<Pose> {
    const from = [Math.max(0, left - width / 4), Math.max(0, top - height / 4)] as const;
    const right = Math.min(bitmap.width, left + 1.25 * width);
    const bottom = Math.min(bitmap.height, top + 1.25 * height);
    const pixels = cropped(bitmap, [...from, right - from[0], bottom - from[1]], 224, 224);
    const input = planes(
      pixels,
      (value, channel) => (value / 255 - IMAGENET[channel]![0]) / IMAGENET[channel]![1],
    );
    const outputs = await this.#sessions!.pose.run({ input: new ort.Tensor(input, [1, 3, 224, 224]) });
    const angle = (name: string): number => -expectedDegrees(outputs[name]!.data as Float32Array);
    return { yaw: angle('output'), pitch: angle('617'), roll: angle('618') };
  }
}

async function bitmapOf(path: string): Promise<ImageBitmap> {
  return createImageBitmap(await (await fetch(path)).blob());
}

function offCentre(
  { position: { left, top, width, height } }: Face,
  imageWidth: number,
  imageHeight: number,
): number {
  return Math.hypot(left + width / 2 - imageWidth / 2, top + height / 2 - imageHeight / 2);
}

function squared([left, top, width, height]: Rect): Rect {
  const side = Math.max(width, height);
  return [left + (width - side) / 2, top + (height - side) / 2, side, side];
}

function cropped(
  bitmap: ImageBitmap,
  [left, top, width, height]: Rect,
  toWidth: number,
  toHeight: number,
): ImageData {
  const context = new OffscreenCanvas(toWidth, toHeight).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, left, top, width, height, 0, 0, toWidth, toHeight);
  return context.getImageData(0, 0, toWidth, toHeight);
}

function planes(
  { data, width, height }: ImageData,
  level: (value: number, channel: number) => number,
): Float32Array {
  const size = width * height;
  return Float32Array.from({ length: 3 * size }, (_, i) => {
    const channel = Math.floor(i / size);
    return level(data[4 * (i % size) + channel]!, channel);
  });
}

function expectedDegrees(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const weights = logits.map((logit) => Math.exp(logit - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return 3 * (weights.reduce((sum, weight, i) => sum + weight * i, 0) / total) - 99;
}

/** The picture turned about its middle on a canvas that holds all of it, and where its points come to lie. */
function turnedImage(
  bitmap: ImageBitmap,
  turn: Turned['turn'],
): { readonly image: OffscreenCanvas; readonly place: (point: Pixel) => Pixel } {
  const { width, height } = bitmap;
  const angle = turn === 'mirrored' ? 0 : (-turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const flip = turn === 'mirrored' ? -1 : 1;
  const newWidth = Math.ceil(Math.abs(cos) * width + Math.abs(sin) * height);
  const newHeight = Math.ceil(Math.abs(sin) * width + Math.abs(cos) * height);
  const image = new OffscreenCanvas(newWidth, newHeight);
  const context = image.getContext('2d')!;
  context.setTransform(flip * cos, flip * sin, -sin, cos, newWidth / 2, newHeight / 2);
  context.drawImage(bitmap, -width / 2, -height / 2);
  const place = ([x, y]: Pixel): Pixel => {
    const [dx, dy] = [flip * (x - width / 2), y - height / 2];
    return [cos * dx - sin * dy + newWidth / 2, sin * dx + cos * dy + newHeight / 2];
  };
  return { image, place };
}

function differenceOf(upright: Pose, found: Pose, turn: Turned['turn']): Pose {
  if (turn === 'mirrored')
    return {
      pitch: found.pitch - upright.pitch,
      yaw: found.yaw + upright.yaw,
      roll: found.roll + upright.roll,
    };
  return {
    pitch: found.pitch - upright.pitch,
    yaw: found.yaw - upright.yaw,
    roll: found.roll - upright.roll - turn,
  };
}

(globalThis as { landmarksPage?: LandmarksPage }).landmarksPage = new LandmarksPage();
