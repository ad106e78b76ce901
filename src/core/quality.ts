/** Which share of each part of a face can be seen, 0..1: 1 = nothing covers it. Left and right are those of the image. */
export interface Completeness {
  /** The whole face: the least of what the parts say, weighted by how much of the face each is. */
  readonly total: number;
  /** How much of the brow over the person's left eye can be seen, 0..1. */
  readonly leftEyeBrow: number;
  /** How much of the brow over the person's right eye can be seen, 0..1. */
  readonly rightEyeBrow: number;
  /** How much of the person's left eye can be seen, 0..1. */
  readonly leftEye: number;
  /** How much of the person's right eye can be seen, 0..1. */
  readonly rightEye: number;
  /** How much of the nose can be seen, 0..1. */
  readonly nose: number;
  /** How much of the mouth can be seen, 0..1. */
  readonly mouth: number;
  /** How much of the face's outline can be seen, 0..1. */
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
  /** 0 both eyes closed .. 1 open; narrow eyes are open. Absent in faces that earlier versions stored. */
  readonly eyesOpen?: number;
  /** 0 at the image's edge .. 1 in its middle. */
  readonly centered: number;
  /** Area of the face box as a share of the image, 0..1. */
  readonly size: number;
  /** Share of the face box that lies inside the image, 0..1. */
  readonly integrity: number;
  /** How much of each part can be seen. */
  readonly completeness: Completeness;
  /** How face-like the landmark fit is, 0..1. */
  readonly alignment: number;
}
