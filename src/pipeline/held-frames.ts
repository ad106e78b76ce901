import { NearFaceError } from '../core/errors.ts';
import type {
  FrameDetails,
  FrameFace,
  FrameLook,
  MeasuredFace,
  TakeFrame,
  TakenFrame,
} from '../core/frames.ts';
import { randomId } from '../core/random-id.ts';
import type { Point } from '../core/types.ts';
import type { WireImage } from '../core/wire-image.ts';
import { scaleBox } from '../geometry/boxes.ts';
import { MAX_WORKING_PIXELS } from '../image/decoded-image.ts';
import { greyCopy } from '../image/grey.ts';
import { find } from './find.ts';
import { lookNear } from './look-near.ts';
import { measure } from './measure.ts';
import type { Models } from './models.ts';
import { facePictures } from './pictures.ts';
import { UNTIMED } from './stopwatch.ts';
import type { EncodeJpeg, EncodePng, ImageDecoder, LeasedImage } from '../platform/port.ts';

/** What frames are worked on with. */
export interface FrameTools {
  readonly decoder: ImageDecoder;
  readonly encode: EncodeJpeg;
  /** For aligned crops, which are told as files too. */
  readonly encodePng: EncodePng;
}

/** The frames of videos that are being worked on, by number: each is decoded once, and kept until it is given back. */
export class HeldFrames {
  readonly #tools: FrameTools;
  readonly #held = new Map<string, LeasedImage>();
  readonly #series = randomId();
  #taken = 0;

  constructor(tools: FrameTools) {
    this.#tools = tools;
  }

  /** @throws NearFaceError as {@link ImageDecoder.decode} */
  async take(image: WireImage, { greyScale }: TakeFrame, signal: AbortSignal): Promise<TakenFrame> {
    const lease = await this.#tools.decoder.decode(image, signal, MAX_WORKING_PIXELS);
    const frame = `${this.#series} ${++this.#taken}`;
    this.#held.set(frame, lease);
    const { width, height, pyramid } = lease.image;
    return { frame, width, height, ...(greyScale > 0 && { grey: greyCopy(pyramid, greyScale) }) };
  }

  /** The faces of a frame, in its pixels. */
  async find(models: Models, frame: string, look: FrameLook, signal: AbortSignal): Promise<FrameFace[]> {
    const { image } = this.#get(frame);
    const { scale, pyramid } = image;
    const inPicture = (faces: readonly FrameFace[]): FrameFace[] => faces.map((face) => scaled(face, scale));
    if (look.at !== 'all') {
      const near = look.at.map((box) => scaleBox(box, 1 / scale));
      return inPicture(await lookNear(models, pyramid, near, look.minScore, signal));
    }
    const rest = { input: 'photo', autoRotate: false, faces: 'all', required: false } as const;
    const { faces } = await find(models, image, { ...look, ...rest }, 'the frame', signal);
    return inPicture(faces.map(({ found }) => found));
  }

  /** The details of faces of a frame, in their order. */
  async measure(
    models: Models,
    frame: string,
    faces: readonly FrameFace[],
    { details, keep }: FrameDetails,
    signal: AbortSignal,
  ): Promise<MeasuredFace[]> {
    const { image } = this.#get(frame);
    const found = faces.map((face) => scaled(face, 1 / image.scale));
    const toMeasure = found.map((face) => ({ image, found: face }));
    const measured = await measure(models, toMeasure, details, UNTIMED, signal);
    const { encode, encodePng } = this.#tools;
    const answers: MeasuredFace[] = [];
    for (const [i, seen] of measured.entries()) {
      const { crop } = seen;
      const face = crop ? { ...seen, crop: { ...crop, file: await encodePng(crop) } } : seen;
      const pictures = await facePictures({ image, box: found[i]!.box }, keep, image, encode);
      answers.push({ face, pictures });
    }
    return answers;
  }

  /** Nobody looks at the frame any more. Safe to call twice. */
  giveBack(frame: string): void {
    this.#held.get(frame)?.giveBack();
    this.#held.delete(frame);
  }

  #get(frame: string): LeasedImage {
    const held = this.#held.get(frame);
    if (held) return held;
    throw new NearFaceError('BAD_PARAM', `Frame ${frame} is not held; take it again`, {
      param: 'frame',
      value: frame,
    });
  }
}

/** A face in pixels of a picture `by` times as large. */
function scaled({ box, score, eyes }: FrameFace, by: number): FrameFace {
  const point = ({ x, y }: Point): Point => ({ x: x * by, y: y * by });
  return { box: scaleBox(box, by), score, ...(eyes && { eyes: [point(eyes[0]), point(eyes[1])] as const }) };
}
