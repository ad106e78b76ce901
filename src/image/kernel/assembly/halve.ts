// Means of 2 × 2 and 4 × 4 pixels. Pixels are RGBA, 8 bits each. Up to 28 bytes behind what is read are read, too, and up to 12 behind
// what is written are overwritten.

/** Of four pixels the sums of both pairs, channel by channel in 16 bits. */
// @ts-ignore: decorator
@inline
function pairs(pixels: v128): v128 {
  return i16x8.extadd_pairwise_i8x16_u(
    i8x16.shuffle(pixels, pixels, 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15),
  );
}

/** The sums of 2 × 2 of four pixels and those below. */
// @ts-ignore: decorator
@inline
function sums(at: usize, stride: usize): v128 {
  return i16x8.add(pairs(v128.load(at)), pairs(v128.load(at + stride)));
}

/** The rounded quarter of each sum. */
// @ts-ignore: decorator
@inline
function quarterOf(sum: v128): v128 {
  return i16x8.shr_u(i16x8.add(sum, i16x8.splat(2)), 2);
}

/** Of two vectors with two sums each: what comes of adding up both, and a rounded sixteenth of it. */
// @ts-ignore: decorator
@inline
function sixteenthOf(left: v128, right: v128): v128 {
  const sum = i16x8.add(v128.shuffle<i64>(left, right, 0, 2), v128.shuffle<i64>(left, right, 1, 3));
  return i16x8.shr_u(i16x8.add(sum, i16x8.splat(8)), 4);
}

/**
 * Half of an image of `width` × 2·`rows` pixels, its width rounded up: each pixel the rounded mean of 2 × 2, of which an odd last column
 * counts twice.
 */
export function halve(from: usize, width: u32, rows: u32, out: usize): void {
  const stride = (<usize>width) << 2;
  const outStride = (<usize>((width + 1) >> 1)) << 2;
  for (let y: u32 = 0; y < rows; y++) {
    let at = from;
    for (let to = out; to < out + outStride; to += 16, at += 32)
      v128.store(
        to,
        i8x16.narrow_i16x8_u(quarterOf(sums(at, stride)), quarterOf(sums(at + 16, stride))),
      );
    if (width & 1) {
      const last = from + stride - 4;
      const sum = i16x8.add(v128.load8x8_u(last), v128.load8x8_u(last + stride));
      const mean = quarterOf(i16x8.shl(sum, 1));
      v128.store32_lane(out + outStride - 4, i8x16.narrow_i16x8_u(mean, mean), 0);
    }
    from += 2 * stride;
    out += outStride;
  }
}

/** A quarter of an image of `width` × 4·`rows` pixels, each the rounded mean of 4 × 4; `width` is a multiple of 4. */
export function quarter(from: usize, width: u32, rows: u32, out: usize): void {
  const stride = (<usize>width) << 2;
  for (let y: u32 = 0; y < rows; y++) {
    let at = from;
    for (let to = out; to < out + (stride >> 2); to += 8, at += 32) {
      const left = i16x8.add(sums(at, stride), sums(at + 2 * stride, stride));
      const right = i16x8.add(sums(at + 16, stride), sums(at + 2 * stride + 16, stride));
      const means = sixteenthOf(left, right);
      v128.store64_lane(to, i8x16.narrow_i16x8_u(means, means), 0);
    }
    from += 4 * stride;
    out += stride >> 2;
  }
}

/** What `halve` makes of `width` × 4·`rows` pixels at `half`, and at `out` what `quarter` makes of them. */
export function halveTwice(from: usize, width: u32, rows: u32, half: usize, out: usize): void {
  const stride = (<usize>width) << 2;
  const halfStride = stride >> 1;
  for (let y: u32 = 0; y < rows; y++) {
    let at = from;
    let toHalf = half;
    for (let to = out; to < out + (stride >> 2); to += 4, at += 16, toHalf += 8) {
      const upper = sums(at, stride);
      const lower = sums(at + 2 * stride, stride);
      const both = i8x16.narrow_i16x8_u(quarterOf(upper), quarterOf(lower));
      v128.store64_lane(toHalf, both, 0);
      v128.store64_lane(toHalf + halfStride, both, 1);
      const sum = i16x8.add(upper, lower);
      const mean = sixteenthOf(sum, sum);
      v128.store32_lane(to, i8x16.narrow_i16x8_u(mean, mean), 0);
    }
    from += 4 * stride;
    half += stride;
    out += stride >> 2;
  }
}
