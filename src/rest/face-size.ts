/** Smallest face of the interfaces that take smaller ones than FindFace, in pixels of the box's shorter side. */
export const MIN_FACE_SIZE = 32;
