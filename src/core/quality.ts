/** Which share of each part of a face can be seen, 0..1: 1 = nothing covers it. Left and right are those of the image. */
export interface Completeness {
  /** The whole face: the least of what the parts say, weighted by how much of the face each is. */
  readonly total: number;
  readonly leftEyeBrow: number;
  readonly rightEyeBrow: number;
  readonly leftEye: number;
  readonly rightEye: number;
  readonly nose: number;
  readonly mouth: number;
  readonly faceContour: number;
}

/** How fit a face is for recognition, measured on its part inside the image. */
export interface Quality {
  /** −1 too dark .. 0 well lit .. 1 too bright. */
  readonly brightness: number;
  /** 0 blurred .. 1 sharp. */
  readonly sharpness: number;
  /** 0 wide open .. 1 closed. */
  readonly mouthClosed: number;
  /** 0 at the image's edge .. 1 in its middle. */
  readonly centered: number;
  /** Area of the face box as a share of the image, 0..1. */
  readonly size: number;
  /** Share of the face box that lies inside the image, 0..1. */
  readonly integrity: number;
  readonly completeness: Completeness;
  /** How face-like the landmark fit is, 0..1. */
  readonly alignment: number;
}
