import type { Point3 } from '../../src/index.ts';
import type { Scene } from './scenes.ts';

/** The detectors that are compared. */
export const CONTESTANTS = ['nearface', 'nearface, fast', 'human', 'face-api SSD', 'face-api Tiny'] as const;

/** Detectors of the shipped weights on their own, with `--detectors`; the first is the one in use. */
export const OWN_DETECTORS = [
  'nearface',
  'RFB',
  'RFB + tiles',
  'BlazeFace full',
  'BlazeFace full + tiles',
  'BlazeFace full + tiles, confirmed',
  'RFB and BlazeFace full',
  'MTCNN',
] as const;
export type OwnDetectorName = (typeof OWN_DETECTORS)[number];
export type ContestantName = (typeof CONTESTANTS)[number] | OwnDetectorName;

/** A face as a library answers it: left, top, width, height in pixels of the picture, and its score 0..1. */
export interface FoundBox {
  readonly box: readonly [left: number, top: number, width: number, height: number];
  readonly score: number;
}

/** What one library found in one scene, and how long it took. */
export interface SceneAnswer {
  readonly faces: readonly FoundBox[];
  readonly ms: number;
}

/** All answers to a scene. */
export type Answers = Readonly<Partial<Record<ContestantName, SceneAnswer>>>;

/** A detector behind one call. */
export interface Detector {
  /** `minFaceSize` and `autoRotate` are for nearface alone. */
  find(picture: HTMLCanvasElement, options?: FindWith): Promise<readonly FoundBox[]>;
  /** Degrees clockwise that stand the picture's faces upright; nearface alone. */
  turn?(picture: HTMLCanvasElement): Promise<number>;
  /** The mesh of the face that is largest, if there is one; nearface alone. */
  mesh?(picture: HTMLCanvasElement): Promise<readonly Point3[] | undefined>;
}

/** How nearface looks, where it is not as in the mosaics. */
export interface FindWith {
  readonly minFaceSize?: number | 'auto' | undefined;
}

/** What the page is given to make backgrounds of. */
export interface PageSources {
  /** URLs of photographs without people, and the share of their height, from the top, that is used. */
  readonly photographs: readonly { readonly url: string; readonly share: number }[];
  /** Parts of the source photos, 64 pixels square. */
  readonly patches: readonly (readonly [photo: string, left: number, top: number])[];
}

/** A scene with what was found in it. */
export interface AnsweredScene {
  readonly scene: Scene;
  readonly answers: Answers;
}
