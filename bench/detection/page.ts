/** Runs in the page: paints each scene, saves it as a JPEG of its quality, and shows it to every library. */
import { loadPixelKernel } from '../../src/image/kernel/kernel.ts';
import type { RgbaImage } from '../../src/image/pixels.ts';
import { Pyramid } from '../../src/image/pyramid.ts';
import { fetchAsset } from '../../src/platform/fetch-asset.ts';
import type { BackgroundSources } from './backgrounds.ts';
import { startContestant } from './contestants.ts';
import { isAt } from './measures.ts';
import { paintScene } from './paint.ts';
import { paintProfile } from './profiles.ts';
import type { Scene } from './scenes.ts';
import type { Answers, ContestantName, Detector, FindWith, PageSources, SceneAnswer } from './types.ts';

const PATCH = 64;
const PROFILE_QUALITY = 0.9;

/** What the Node side calls. */
export class DetectionPage {
  readonly #photos = new Map<string, Pyramid>();
  readonly #pixels = loadPixelKernel(fetchAsset, new URL('/nearface/', location.href).href);
  readonly #detectors = new Map<ContestantName, Detector>();
  #sources: BackgroundSources = { photos: [], patches: [] };

  async start(contestants: readonly ContestantName[], sources: PageSources): Promise<void> {
    const shared = new Map<string, Promise<unknown>>();
    for (const name of contestants) this.#detectors.set(name, await startContestant(name, shared));
    const pixels = await this.#pixels;
    const photos: Pyramid[] = [];
    for (const { url, share } of sources.photographs)
      photos.push(new Pyramid(await readImage(url, share), pixels));
    const patches: Pyramid[] = [];
    for (const [photo, left, top] of sources.patches) {
      const { data } = contextOf(await load(`/photos/${photo}`)).getImageData(left, top, PATCH, PATCH);
      patches.push(new Pyramid({ width: PATCH, height: PATCH, data }, pixels));
    }
    this.#sources = { photos, patches };
  }

  /** What each of `contestants` finds in a scene. */
  async findInScene(scene: Scene, contestants: readonly ContestantName[]): Promise<Answers> {
    for (const { source } of scene.faces) await this.#photo(source.photo);
    const painted = canvasOf(paintScene(scene, this.#photos, this.#sources));
    const jpeg = await new Promise<Blob>((done) =>
      painted.toBlob((blob) => done(blob!), 'image/jpeg', scene.quality / 100),
    );
    const picture = contextOf(await createImageBitmap(jpeg)).canvas;
    return this.#ask(picture, contestants, { minFaceSize: scene.minFace });
  }

  /** What each of `contestants` finds in a picture. */
  async findInPicture(
    url: string,
    contestants: readonly ContestantName[],
    options: FindWith = {},
  ): Promise<Answers> {
    return this.#ask(contextOf(await load(url)).canvas, contestants, options);
  }

  /** By how many degrees clockwise nearface turns a picture that was itself turned by `deg`. */
  async turnPicture(url: string, deg: number): Promise<number> {
    const bitmap = await load(url);
    const { width, height } = bitmap;
    const [across, down] = deg % 180 === 0 ? [width, height] : [height, width];
    const turned = Object.assign(document.createElement('canvas'), { width: across, height: down });
    const context = turned.getContext('2d')!;
    context.translate(across / 2, down / 2);
    context.rotate((deg * Math.PI) / 180);
    context.drawImage(bitmap, -width / 2, -height / 2);
    return this.#detectors.get('nearface')!.turn!(turned);
  }

  /**
   * Whether the face of a photo is found after its head was turned by each of `yawsDeg`; undefined where none is found in the
   * photo itself. With `show`, also the pictures, as data URLs.
   */
  async findTurned(
    url: string,
    yawsDeg: readonly number[],
    show: boolean = false,
  ): Promise<{ readonly found: readonly boolean[]; readonly pictures: readonly string[] } | undefined> {
    const nearface = this.#detectors.get('nearface')!;
    const photo = await load(url);
    const mesh = await nearface.mesh!(contextOf(photo).canvas);
    if (!mesh) return undefined;
    const found: boolean[] = [];
    const pictures: string[] = [];
    for (const yawDeg of yawsDeg) {
      const { canvas, face } = paintProfile(photo, mesh, yawDeg);
      const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality: PROFILE_QUALITY });
      const picture = contextOf(await createImageBitmap(jpeg)).canvas;
      const answers = await nearface.find(picture, { minFaceSize: 'auto' });
      found.push(answers.some((answer) => isAt(face, answer)));
      if (show) pictures.push(picture.toDataURL('image/jpeg'));
    }
    return { found, pictures };
  }

  async #ask(
    picture: HTMLCanvasElement,
    contestants: readonly ContestantName[],
    options: FindWith,
  ): Promise<Answers> {
    const answers: Partial<Record<ContestantName, SceneAnswer>> = {};
    for (const name of contestants) {
      const startMs = performance.now();
      const faces = await this.#detectors.get(name)!.find(picture, options);
      answers[name] = { faces, ms: performance.now() - startMs };
    }
    return answers;
  }

  async #photo(name: string): Promise<void> {
    if (this.#photos.has(name)) return;
    this.#photos.set(name, new Pyramid(await readImage(`/photos/${name}`, 1), await this.#pixels));
  }
}

async function load(url: string): Promise<ImageBitmap> {
  return createImageBitmap(await (await fetch(url)).blob());
}

async function readImage(url: string, share: number): Promise<RgbaImage> {
  const bitmap = await load(url);
  const { width } = bitmap;
  const height = Math.floor(bitmap.height * share);
  const { data } = contextOf(bitmap).getImageData(0, 0, width, height);
  return { width, height, data };
}

function contextOf(picture: ImageBitmap | RgbaImage): CanvasRenderingContext2D {
  const canvas = Object.assign(document.createElement('canvas'), {
    width: picture.width,
    height: picture.height,
  });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2d canvas');
  if (picture instanceof ImageBitmap) context.drawImage(picture, 0, 0);
  else context.putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0);
  return context;
}

function canvasOf(picture: RgbaImage): HTMLCanvasElement {
  return contextOf(picture).canvas;
}

(globalThis as { detectionPage?: DetectionPage }).detectionPage = new DetectionPage();
