/**
 * Steps of an attention mesh, as the functions of these names in the model's file. A map is a similarity's six numbers:
 * the x axis, the y axis and the shift of a region's pixels in an image's.
 */
export type RegionStep = RegionMapStep | RegionSampleStep | RegionPointsStep;

/** A map from the points of a mesh: see {@link regionMap}. */
export interface RegionMapStep {
  readonly kind: 'regionMap';
  readonly input: string;
  readonly output: string;
  readonly region: Region;
}

/** The part of an image that a map covers. */
export interface RegionSampleStep {
  readonly kind: 'regionSample';
  readonly input: string;
  readonly map: string;
  readonly output: string;
  /** Side of the part in pixels. */
  readonly size: number;
}

/** Points of a region in the frame of the whole. */
export interface RegionPointsStep {
  readonly kind: 'regionPoints';
  readonly input: string;
  readonly map: string;
  readonly output: string;
  /** Pixels of the points' frames in a pixel of the map's. */
  readonly unit: number;
}

/** The box around the points `subset`, turned so that `left` and `right` are level, enlarged `scale` times. */
export interface Region {
  readonly left: number;
  readonly right: number;
  readonly subset: readonly number[];
  readonly scale: number;
  /** Side of the region in its own pixels. */
  readonly size: number;
  /** Pixels of the image in a unit of the points. */
  readonly pointScale: number;
}

/** An image's address in bytes, and its size. */
interface Pixels {
  readonly at: number;
  readonly height: number;
  readonly width: number;
}

/** Floats of a map. */
export const MAP_LENGTH = 6;

/**
 * Writes a region's map; `points` are triples. Source: MediaPipe, landmarks_to_transform_matrix.cc, v2.
 *
 * @param points - index of the first of them in `memory`, as `map` is
 */
export function regionMap(memory: Float32Array, points: number, map: number, region: Region): void {
  const { left, right, subset, scale, size, pointScale } = region;
  const xOf = (point: number): number => pointScale * memory[points + 3 * point]!;
  const yOf = (point: number): number => pointScale * memory[points + 3 * point + 1]!;
  const [dx, dy] = [xOf(right) - xOf(left), yOf(right) - yOf(left)];
  const length = Math.hypot(dx, dy);
  const [cos, sin] = [dx / length, dy / length];
  let [least, most, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const point of subset) {
    const along = cos * xOf(point) + sin * yOf(point);
    const across = cos * yOf(point) - sin * xOf(point);
    least = Math.min(least, along);
    most = Math.max(most, along);
    low = Math.min(low, across);
    high = Math.max(high, across);
  }
  const [along, across] = [(least + most) / 2, (low + high) / 2];
  const [stepX, stepY] = [(scale * (most - least)) / size, (scale * (high - low)) / size];
  const axes = [cos * stepX, sin * stepX, -sin * stepY, cos * stepY] as const;
  const half = size / 2;
  const shiftX = cos * along - sin * across - half * (axes[0] + axes[2]);
  const shiftY = sin * along + cos * across - half * (axes[1] + axes[3]);
  memory.set([...axes, shiftX, shiftY], map);
}

/**
 * Samples a region bilinearly; what lies outside the centres of the image's outermost pixels is 0. Both images have
 * `stride` floats a pixel. Source: MediaPipe, transform_tensor_bilinear.cc, v2.
 */
export function sampleRegion(
  memory: Float32Array,
  from: Pixels,
  map: number,
  to: Pixels,
  stride: number,
): void {
  const [a, b, c, d, shiftX, shiftY] = memory.subarray(map, map + MAP_LENGTH) as unknown as number[];
  const row = from.width * stride;
  let out = to.at / 4;
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++, out += stride) {
      const atX = a! * (x + 0.5) + c! * (y + 0.5) + shiftX! - 0.5;
      const atY = b! * (x + 0.5) + d! * (y + 0.5) + shiftY! - 0.5;
      if (!(atX >= 0 && atX <= from.width - 1 && atY >= 0 && atY <= from.height - 1)) {
        memory.fill(0, out, out + stride);
        continue;
      }
      const left = Math.min(Math.floor(atX), from.width - 2);
      const top = Math.min(Math.floor(atY), from.height - 2);
      const [right, low] = [atX - left, atY - top];
      const [w00, w10, w01, w11] = [
        (1 - right) * (1 - low),
        right * (1 - low),
        (1 - right) * low,
        right * low,
      ];
      const q00 = from.at / 4 + top * row + left * stride;
      for (let k = 0; k < stride; k++) {
        const i = q00 + k;
        memory[out + k] =
          w00 * memory[i]! +
          w10 * memory[i + stride]! +
          w01 * memory[i + row]! +
          w11 * memory[i + row + stride]!;
      }
    }
  }
}

/** Maps pairs from a region to the whole. Source: MediaPipe, transform_landmarks.cc, v2. */
export function placePoints(
  memory: Float32Array,
  points: number,
  map: number,
  placed: number,
  count: number,
  unit: number,
): void {
  const [a, b, c, d, shiftX, shiftY] = memory.subarray(map, map + MAP_LENGTH) as unknown as number[];
  for (let i = 0; i < 2 * count; i += 2) {
    const [x, y] = [memory[points + i]!, memory[points + i + 1]!];
    memory[placed + i] = a! * x + c! * y + unit * shiftX!;
    memory[placed + i + 1] = b! * x + d! * y + unit * shiftY!;
  }
}
