import type { AttributeGroup } from './attributes.ts';
import type { Keep, PictureKind } from './records.ts';
import type { Box, Detection, FacesRule } from './types.ts';

/**
 * A step that is timed. `traits` is the network behind `appearance` and `mask`, `occlusion` that behind `completeness`
 * and what a mask covers; `quality` is all other measurements, but for
 * what a reliability takes, which is in `embed`.
 */
export type Stage =
  | 'decode'
  | 'detect'
  | 'landmarks'
  | 'align'
  | 'embed'
  | 'quality'
  | 'traits'
  | 'occlusion'
  | 'demographics'
  | 'emotions'
  | 'liveness'
  | 'total';

/** Median milliseconds per stage over the last runs. */
export type Timings = Readonly<Partial<Record<Stage, number>>>;

/** What is asked of one image; every field is resolved. */
export interface AnalysisRequest {
  /** What the images are. */
  readonly input: 'photo' | 'aligned';
  readonly mode: 'fast' | 'accurate' | 'auto';
  readonly minScore: number;
  /** Shorter side of the smallest face box wanted, in pixels of the image; `auto` goes by the image's size. */
  readonly minFaceSize: number | 'auto';
  readonly maxFaces: number;
  /** Only faces whose box overlaps it, in pixels of the image; null for the whole image. */
  readonly area: Box | null;
  /** Look at the other quarter turns if no upright face is found, or for more faces in any case. */
  readonly autoRotate: boolean | 'all';
  /** Which of the faces found go on to the details; `boxes` picks the faces that overlap each box most. */
  readonly faces: FacesRule | { readonly boxes: readonly Box[] };
  /** Throw `NO_FACE` (or `FACE_TOO_SMALL`) when there is none to use. */
  readonly required: boolean;
  /** What the caller named each image, for messages. */
  readonly names: readonly string[];
  readonly details: {
    readonly angle: boolean;
    readonly landmarks: boolean;
    readonly mesh: boolean;
    readonly quality: boolean;
    readonly attributes: readonly AttributeGroup[];
    readonly liveness: boolean;
    readonly embedding: boolean;
    readonly crop: boolean;
  };
  /** As what kind of file crops are told too; null for none. */
  readonly cropType: 'image/png' | null;
  /** For enrolment: which encoded pictures of each face are made, beside the photo's hash. */
  readonly enrol: Keep | null;
  /** For enrolment: where faces are that are known and not looked for, in pixels of the image. Pictures of them are made all the same. */
  readonly placed?: readonly Box[];
}

/** Encoded pictures of one face. */
export type FacePictures = Readonly<Partial<Record<PictureKind, Blob>>>;

/** A {@link Detection} with, for enrolment, the pictures of each face, in the faces' order. */
export interface Analysis extends Detection {
  readonly pictures: readonly FacePictures[];
  /** The pictures of the faces that were `placed`. */
  readonly placed?: readonly FacePictures[];
  /** sha256 of the encoded bytes, lower-case hex; for enrolment of encoded images only. */
  readonly photoHash?: string;
}
