import type { AnalysisRequest, FacePictures } from './analysis.ts';
import type { Keep } from './records.ts';
import type { Box, Face, Point } from './types.ts';

/** A picture in shades of grey. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Luma (Rec. 601) 0..255, row by row. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** How a frame is taken. */
export interface TakeFrame {
  /** Sides of its grey copy, as a share of its own: 0..1; 0 for none. */
  readonly greyScale: number;
  /** Names the camera, where only the newest of its waiting frames counts; the older ones are refused with `ABORTED`. */
  readonly newestOf?: string;
}

/** A frame that the stages hold until it is given back. */
export interface TakenFrame {
  /** Names it; no other worker has one of that name. */
  readonly frame: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly grey?: GreyImage;
}

/** Where in a frame faces are looked for: everywhere, or closely around boxes, which costs about 2 ms each. */
export type FrameLook = WholeSearch | { readonly at: readonly Box[]; readonly minScore: number };

/** A search of a whole frame, or of an area of it. */
export interface WholeSearch extends Pick<
  AnalysisRequest,
  'mode' | 'minScore' | 'minFaceSize' | 'maxFaces' | 'area'
> {
  readonly at: 'all';
  /** Boxes of faces that were found in this frame already: they are not looked for again. */
  readonly known: readonly Box[];
}

/** A face as it was found in a frame. */
export interface FrameFace {
  readonly box: Box;
  /** 0..1. */
  readonly score: number;
  /** The eyes on the image's left and right. */
  readonly eyes?: readonly [left: Point, right: Point];
}

/** What is measured of faces of a frame. */
export interface FrameDetails {
  readonly details: AnalysisRequest['details'];
  /** Which pictures of each are made. */
  readonly keep: Keep;
}

/** A face of a frame with its details. */
export interface MeasuredFace {
  readonly face: Face;
  readonly pictures: FacePictures;
}
