/** For tests: videos that are made up frame by frame, without pictures, and stages that find in them what is there. */
import type { FrameFace, FrameLook, MeasuredFace } from '../core/frames.ts';
import { NearFaceError } from '../core/errors.ts';
import type { Box, Face } from '../core/types.ts';
import { iou } from '../geometry/boxes.ts';
import type { FrameSource, SourceInfo } from '../video/frame-source.ts';
import type { HeldFrame, Stages } from '../video/stages.ts';

export const WIDTH = 640;
export const HEIGHT = 360;
const [GREY_WIDTH, GREY_HEIGHT] = [32, 24];

/** Somebody who goes from one place to another. */
export interface Walker {
  readonly person: number;
  readonly from: number;
  readonly to: number;
  readonly start: readonly [x: number, y: number];
  readonly end: readonly [x: number, y: number];
}

/** A video; from `damagedAt` on it cannot be read. */
export interface TestVideo {
  readonly frames: number;
  readonly walkers: readonly Walker[];
  readonly cutAt?: number;
  readonly damagedAt?: number;
}

/** A frame, as a picture. */
export interface TestPicture {
  readonly video: TestVideo;
  readonly index: number;
  close(): void;
}

/** Called before each step; it may throw, as the end of a page does. */
export type Tick = (what: string) => void;

const SIDE = 60;

function facesIn({ walkers }: TestVideo, frame: number): (FrameFace & { readonly person: number })[] {
  return walkers
    .filter(({ from, to }) => frame >= from && frame <= to)
    .map(({ person, from, to, start, end }) => {
      const share = (frame - from) / Math.max(1, to - from);
      const [x, y] = [0, 1].map((i) => start[i]! + share * (end[i]! - start[i]!)) as [number, number];
      const side = SIDE + 8 * Math.sin(frame / 9 + person);
      const box: Box = { left: x - side / 2, top: y - side / 2, width: side, height: side * 1.2 };
      return { person, box, score: 0.9 + 0.05 * Math.sin(frame + person) };
    });
}

/** A face's embedding: its person's, a little off in each frame. */
export function embeddingOf(person: number, frame: number): Float32Array<ArrayBuffer> {
  const values = Array.from({ length: 16 }, (_, i) =>
    i === person ? 1 : 0.12 * Math.sin(1 + 7.3 * i + 3.1 * person + 0.9 * frame),
  );
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

export function videoSource(video: TestVideo, tick: Tick): FrameSource<TestPicture> {
  let next = 0;
  const info: SourceInfo = {
    ...{ kind: 'file', mediaType: 'video/mp4', way: 'webcodecs', width: WIDTH, height: HEIGHT },
    ...{ fps: 25, frames: video.frames, durationMs: video.frames * 40 },
  };
  return {
    info,
    dropped: 0,
    async next() {
      tick('next');
      await Promise.resolve();
      if (next >= video.frames) return undefined;
      if (next >= (video.damagedAt ?? Infinity))
        throw new NearFaceError('VIDEO_DECODING_FAILED', `the video is damaged at frame ${next}`);
      const index = next++;
      const image = { video, index, close: () => undefined };
      return { index, timeMs: index * 40, width: WIDTH, height: HEIGHT, image, close: () => undefined };
    },
    seek(frame) {
      tick(`seek ${frame}`);
      next = frame;
      return Promise.resolve();
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Finds what is there. */
export function testStages(tick: Tick): Stages<TestPicture> {
  return {
    async take({ video, index }) {
      tick('take');
      await Promise.resolve();
      const faces = facesIn(video, index);
      const scene = index >= (video.cutAt ?? Infinity) ? 1 : 0;
      return held(faces, index, scene, tick);
    },
  };
}

function held(
  faces: readonly (FrameFace & { readonly person: number })[],
  index: number,
  scene: number,
  tick: Tick,
): HeldFrame {
  const data = Uint8Array.from({ length: GREY_WIDTH * GREY_HEIGHT }, (_, i) => {
    const [x, y] = [i % GREY_WIDTH, Math.floor(i / GREY_WIDTH)];
    const ground = scene === 0 ? 3 * x + 2 * y : 200 - 5 * y + 3 * ((x * 7) % 11);
    return ground + 20 * Math.sin(index + x * y);
  });
  return {
    ...{ width: WIDTH, height: HEIGHT, grey: { width: GREY_WIDTH, height: GREY_HEIGHT, data } },
    async find(look: FrameLook) {
      tick('find');
      await Promise.resolve();
      const found = faces.map(({ box, score }) => ({ box, score }));
      if (look.at === 'all') return found;
      return found.filter(({ box }) => look.at.some((place) => iou(place, box) > 0.2));
    },
    async measure(wanted) {
      tick('measure');
      await Promise.resolve();
      return wanted.map(({ box, score }): MeasuredFace => {
        const person = faces.find((face) => face.box === box)?.person ?? 0;
        const face = {
          ...{ position: box, score, embedding: embeddingOf(person, index), modelId: 'model' },
          reliability: 0.6 + 0.2 * Math.sin(index),
          angle: { pitch: 0, yaw: 10 * Math.sin(index / 5), roll: 0, centerX: 0, centerY: 0 },
          quality: qualityAt(index),
        } as unknown as Face;
        const picture = new Blob([`${person} at ${index}`], { type: 'image/jpeg' });
        return { face, pictures: { crop: picture, thumbnail: picture, photo: picture } };
      });
    },
    giveBack: () => undefined,
  };
}

function qualityAt(frame: number): Face['quality'] {
  const parts = [
    'leftEyeBrow',
    'rightEyeBrow',
    'leftEye',
    'rightEye',
    'nose',
    'mouth',
    'faceContour',
    'total',
  ];
  const completeness = Object.fromEntries(parts.map((part) => [part, 1]));
  return {
    ...{ brightness: 0, sharpness: 0.7 + 0.2 * Math.sin(frame / 3), mouthClosed: 1, centered: 1 },
    ...{ size: 0.2, integrity: 1, alignment: 1, completeness },
  } as unknown as Face['quality'];
}
