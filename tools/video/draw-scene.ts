/** Runs in the page: draws the frames of scenes with cut-out heads. */
import type { Box } from '../../src/core/types.ts';
import { headBox, takeAt, truthOf, type Scene, type TrueFace } from './scenes.ts';

/** A photo of a person and where the face is in it. */
export interface HeadPhoto {
  readonly photo: ImageBitmap;
  /** In pixels of the photo. */
  readonly face: Box;
}

/** What scenes are made of. */
export interface SceneMaterial {
  /** The photos of each person, in the order of {@link Actor.look}. */
  readonly heads: Readonly<Record<string, readonly HeadPhoto[]>>;
  readonly backgrounds: readonly CanvasImageSource[];
}

/** The part of a head's ellipse, from its middle, that is opaque; the rest fades. */
const OPAQUE = 0.86;

/** Draws frames; heads are cut out once. */
export class SceneDrawer {
  readonly #scene: Scene;
  readonly #material: SceneMaterial;
  readonly #cut = new Map<HeadPhoto, OffscreenCanvas>();

  constructor(scene: Scene, material: SceneMaterial) {
    this.#scene = scene;
    this.#material = material;
  }

  draw(context: OffscreenCanvasRenderingContext2D, frame: number): void {
    const { width, height } = this.#scene;
    const { take, seconds } = takeAt(this.#scene, frame);
    const camera = take.camera(seconds);
    context.resetTransform();
    context.translate(width / 2, height / 2);
    context.scale(camera.zoom, camera.zoom);
    context.translate(-camera.x, -camera.y);
    const { backgrounds } = this.#material;
    context.imageSmoothingQuality = 'high';
    context.drawImage(
      backgrounds[take.background % backgrounds.length]!,
      -width,
      -height,
      3 * width,
      3 * height,
    );
    context.resetTransform();
    for (const face of truthOf(this.#scene, frame)) this.#drawHead(context, face);
    context.translate(width / 2, height / 2);
    context.scale(camera.zoom, camera.zoom);
    context.translate(-camera.x, -camera.y);
    for (const { box, colour } of take.pillars) {
      context.fillStyle = colour;
      context.fillRect(box.left, box.top, box.width, box.height);
    }
    context.resetTransform();
  }

  #drawHead(context: OffscreenCanvasRenderingContext2D, { person, look, box, taken }: TrueFace): void {
    const photos = this.#material.heads[person];
    if (!photos) throw new Error(`no photo of ${person}`);
    const head = photos[look % photos.length]!;
    const { left, top, width, height } = headBox(box);
    if (taken) {
      const { blur, light, tilt } = taken;
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      context.translate(x, y);
      context.rotate(tilt);
      context.translate(-x, -y);
      context.filter = `blur(${blur * box.width}px) brightness(${light})`;
    }
    context.drawImage(this.#cutOut(head), left, top, width, height);
    context.filter = 'none';
    context.resetTransform();
  }

  /** The head as an ellipse with soft edges. */
  #cutOut(head: HeadPhoto): OffscreenCanvas {
    const made = this.#cut.get(head);
    if (made) return made;
    const { left, top, width, height } = headBox(squareAround(head.face));
    const canvas = new OffscreenCanvas(Math.round(width), Math.round(height));
    const context = canvas.getContext('2d')!;
    context.drawImage(head.photo, left, top, width, height, 0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = 'destination-in';
    context.translate(canvas.width / 2, canvas.height / 2);
    context.scale(canvas.width / 2, canvas.height / 2);
    const edge = context.createRadialGradient(0, 0, OPAQUE, 0, 0, 1);
    edge.addColorStop(0, '#000');
    edge.addColorStop(1, '#0000');
    context.fillStyle = edge;
    context.fillRect(-1, -1, 2, 2);
    this.#cut.set(head, canvas);
    return canvas;
  }
}

function squareAround({ left, top, width, height }: Box): Box {
  const side = Math.max(width, height);
  return { left: left + (width - side) / 2, top: top + (height - side) / 2, width: side, height: side };
}
