import type { Attributes } from './attributes.ts';
import type { Liveness } from './liveness.ts';
import type { Quality } from './quality.ts';

/** A rectangle in pixels of the image after EXIF orientation, origin top-left; it may reach outside the image. */
export interface Box {
  /** Pixels from the left edge; negative where a face reaches out of the image. */
  readonly left: number;
  /** Pixels from the upper edge. */
  readonly top: number;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/**
 * A part of a picture, in its pixels: a box; `[W, H, X, Y]`, where a negative X or Y counts from the right or bottom edge; or the same as
 * a text `WxH+X+Y`, as in `640x480+0-20`. What lies outside of the picture is left out.
 */
export type Region = Box | readonly [width: number, height: number, x: number, y: number] | string;

/** A point in pixels of the image after EXIF orientation. */
export interface Point {
  /** Pixels from the left edge of the image. */
  readonly x: number;
  /** Pixels from its upper edge. */
  readonly y: number;
}

/** A mesh point: `x`, `y` in pixels of the image, `z` in the same scale, smaller towards the camera. */
export interface Point3 extends Point {
  /** Depth in pixels of the image, smaller nearer to the camera. */
  readonly z: number;
}

/**
 * Head pose in degrees, each −90..90: `pitch` + head down, `yaw` + turned towards the image's right edge,
 * `roll` + counter-clockwise as seen. `centerX`, `centerY` is the point of the face they turn about, in pixels.
 */
export interface Angle {
  /** Degrees, + head down. */
  readonly pitch: number;
  /** Degrees, + turned towards the image's right edge. */
  readonly yaw: number;
  /** Degrees, + counter-clockwise as seen. */
  readonly roll: number;
  /** The point of the face that it turns about, in pixels from the image's left edge. */
  readonly centerX: number;
  /** The same from its upper edge. */
  readonly centerY: number;
}

/**
 * An aligned face crop as the embedding model sees it: RGBA, row by row. It can be given as an image again, with `input: 'aligned'`.
 */
export interface AlignedCrop {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** The same as a file; with `returnDetails: { crop: { type } }` alone. */
  readonly file?: Blob;
}

/** One detected face. A detail is there only if it was asked for. */
export interface Face {
  /** Where the face is, in pixels of the image after EXIF orientation. */
  readonly position: Box;
  /** The detector's certainty, 0..1. */
  readonly score: number;
  /** Head pose. */
  readonly angle?: Angle;
  /** The 106 landmarks, in the order that docs/quality-and-attributes.md tells. */
  readonly landmarks?: readonly Point[];
  /** The 478 points of the dense mesh; the last ten are the irises: centre and four of the rim, image-left first. */
  readonly mesh?: readonly Point3[];
  /** How fit the face is for recognition. */
  readonly quality?: Quality;
  /** What models estimate of the face. */
  readonly attributes?: Attributes;
  /** Whether it is a face or a picture of one; absent also where that cannot be told. */
  readonly liveness?: Liveness;
  /** Unit-length embedding; compare by cosine with embeddings of the same `modelId` only. */
  readonly embedding?: Float32Array<ArrayBuffer>;
  /** The embedding model that made `embedding`. */
  readonly modelId?: string;
  /**
   * How far `embedding` can be trusted, 0 not at all .. 1 as one of a good portrait, in steps of 1/255; with every embedding.
   * Small, blurred, turned and masked faces have less. `confidence` takes both faces' into account.
   */
  readonly reliability?: number;
  /** The aligned crop that was embedded. */
  readonly crop?: AlignedCrop;
  /**
   * With `autoRotate: 'all'` alone: degrees clockwise by which the picture would have to be turned for the face to stand upright. `angle` is
   * that of the face stood upright, and its landmarks' left and right are so; all positions are in the picture as it is.
   */
  readonly rotation?: 0 | 90 | 180 | 270;
}

/** The answer of `detect` and `embed`. */
export interface Detection {
  /** Width of the image in pixels, after EXIF orientation. */
  readonly width: number;
  /** Height of the image in pixels, after EXIF orientation. */
  readonly height: number;
  /** Quarter turns, in degrees clockwise, that were applied on top of the EXIF orientation; 0 unless asked for. */
  readonly rotation: 0 | 90 | 180 | 270;
  /**
   * The EXIF orientation 1..8 that the image's file says (JPEG, PNG, WebP, TIFF), and that was applied; 1 where it says none, where
   * its format turns pictures in a way of its own (AVIF, HEIC), and for an image that is no file.
   */
  readonly orientation: number;
  /** The faces, by falling box area. */
  readonly faces: readonly Face[];
}

/** Named levels of `confidence`: the false match rate is 1e-5 at `strict`, 1e-3 at `medium`, 1e-1 at `low`. */
export type ThresholdName = 'strict' | 'medium' | 'low' | 'none';

/**
 * When a pair counts as the same person: a named level, a `confidence` 0..1, or
 *
 * - `cosine`, -1..1: the raw one;
 * - `distance`, 0..2: the most that may lie between two embeddings of unit length, which is the cosine 1 - distance² / 2;
 * - `similarity`, 0..1: on the scale of {@link similarityFromDistance}, where 0.8 is commonly taken for the same person;
 * - `fpir` (for `identify`), 0..1: the share of strangers that may be given any name at all, from which the level for the number of faces
 *   searched is worked out.
 */
export type Threshold =
  | ThresholdName
  | number
  | { readonly cosine: number }
  | { readonly distance: number }
  | { readonly similarity: number }
  | { readonly fpir: number };

/** Which faces of an image are used when there are several. `reject` throws `TOO_MANY_FACES` with every box. */
export type FacesRule = 'biggest' | 'all' | 'reject';

/** How far a long call has come. */
export interface Progress {
  /** What is under way. */
  readonly phase:
    | 'models'
    | 'gallery'
    | 'enrol'
    | 'cluster'
    | 'export'
    | 'import'
    | 'regenerate'
    | 'encrypt'
    | 'delete'
    | 'regroup'
    | 'audit'
    | 'calibrate';
  /** What is being worked on: a file's name, or a gallery's. */
  readonly item: string;
  /** Bytes of a model, else faces or photos. */
  readonly done: number;
  /** 0 while the total is not known. */
  readonly total: number;
  /** While a gallery is exported: what is damaged and therefore not in the file. Absent where nothing is. */
  readonly leftOut?: { readonly faces: number; readonly pictures: number };
}
