/** Runs in the page: the face nearest to each photo's middle as the pipeline shows it to the expression network. */
import { Stopwatch } from '../../src/pipeline/stopwatch.ts';
import { withPyramid } from '../../src/image/decoded-image.ts';
import { decodeImage } from '../../src/platform/browser/decode.ts';
import { browserVisionHost } from '../../src/platform/browser/vision-host.ts';
import { warpToTensor } from '../../src/image/warp.ts';
import type { FaceInWork } from '../../src/pipeline/face-in-work.ts';
import { findFaces, type FoundFace } from '../../src/pipeline/find-faces.ts';
import { measureFaces } from '../../src/pipeline/measure-faces.ts';
import { EMOTIONS_SIZE, emotionsCrop } from '../../src/stages/emotions.ts';
import { ModelSet } from '../../src/worker/model-set.ts';

/** Base64 of bytes, and of 32-bit floats. */
export interface SeenFace {
  /** Grey, row by row. */
  readonly crop: string;
  /** 468 × (x, y, z) in pixels of the photo. */
  readonly mesh: string;
  readonly embedding: string;
}

const DETAILS = {
  ...{ angle: false, landmarks: false, mesh: false, quality: false, attributes: [] },
  ...{ liveness: false, embedding: true, crop: false },
};
/** As `detect` asks by default. */
const REQUEST = { mode: 'accurate', minScore: 0.5, minFace: 32, area: null, faces: 'all' } as const;
const GREY = { layout: 'nchw', channels: 'grey', mean: 0, std: 1 } as const;

/** What the Node side calls. */
export class EmotionsPage {
  #set: ModelSet | undefined;

  async start(): Promise<void> {
    const assets = new URL('/nearface/', location.href).href;
    const config = { assets, device: 'wasm', threads: 1, models: {}, preload: DETAILS, tfjs: '' } as const;
    this.#set = await ModelSet.open(browserVisionHost, config, () => {}, new AbortController().signal);
  }

  /** Nothing for a photo without a face. */
  async see(images: readonly string[]): Promise<(SeenFace | null)[]> {
    const faces: (SeenFace | null)[] = [];
    for (const image of images) faces.push(await this.#seeOne(image));
    return faces;
  }

  async #seeOne(name: string): Promise<SeenFace | null> {
    const { models, pixels } = this.#set!;
    const blob = await (await fetch(`/photos/${encodeURIComponent(name)}`)).blob();
    const image = withPyramid(await decodeImage({ kind: 'encoded', blob }), pixels);
    const { pyramid } = image;
    const fromMiddle = ({ box }: FoundFace): number =>
      Math.hypot(box.left + (box.width - pyramid.width) / 2, box.top + (box.height - pyramid.height) / 2);
    const all = await findFaces(models, pyramid, REQUEST, undefined);
    const large = all.filter(({ box }) => Math.min(box.width, box.height) >= REQUEST.minFace);
    const [found] = large.toSorted((a, b) => fromMiddle(a) - fromMiddle(b));
    if (!found) return null;
    const face: FaceInWork = { found, image, seen: {} };
    await measureFaces(models, [face], DETAILS, new Stopwatch(), undefined);
    const mesh = face.mesh!.points;
    const crop = new Float32Array(EMOTIONS_SIZE ** 2);
    warpToTensor(pyramid, emotionsCrop(mesh), EMOTIONS_SIZE, EMOTIONS_SIZE, GREY, crop);
    return {
      crop: base64(Uint8Array.from(crop, Math.round)),
      mesh: base64(new Uint8Array(mesh.slice().buffer)),
      embedding: base64(new Uint8Array(face.embedding!.vector.buffer)),
    };
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

(globalThis as { emotionsPage?: EmotionsPage }).emotionsPage = new EmotionsPage();
