// One filter per channel. Weights are kernelHeight × kernelWidth × channels, channels a multiple of 4; `slope` is what sums below zero are
// multiplied by.
import { madd, sloped } from './vector';

/** Sixteen channels of an output pixel; four sums at a time, since an FMA takes four cycles. */
function sumSixteen(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channelBytes: usize,
  rowBytes: usize,
  weightRowBytes: usize,
  kernelRows: i32,
  kernelColumns: i32,
  slope: usize,
): void {
  let s0 = v128.load(bias);
  let s1 = v128.load(bias, 16);
  let s2 = v128.load(bias, 32);
  let s3 = v128.load(bias, 48);
  for (let ky: i32 = 0; ky < kernelRows; ky++) {
    let x = input;
    let w = weights;
    for (let kx: i32 = 0; kx < kernelColumns; kx++) {
      s0 = madd(v128.load(x), v128.load(w), s0);
      s1 = madd(v128.load(x, 16), v128.load(w, 16), s1);
      s2 = madd(v128.load(x, 32), v128.load(w, 32), s2);
      s3 = madd(v128.load(x, 48), v128.load(w, 48), s3);
      x += channelBytes;
      w += channelBytes;
    }
    input += rowBytes;
    weights += weightRowBytes;
  }
  v128.store(out, sloped(s0, v128.load(slope)));
  v128.store(out, sloped(s1, v128.load(slope, 16)), 16);
  v128.store(out, sloped(s2, v128.load(slope, 32)), 32);
  v128.store(out, sloped(s3, v128.load(slope, 48)), 48);
}

/** Four channels of the same. */
function sumFour(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channelBytes: usize,
  rowBytes: usize,
  weightRowBytes: usize,
  kernelRows: i32,
  kernelColumns: i32,
  slope: usize,
): void {
  let sum = v128.load(bias);
  for (let ky: i32 = 0; ky < kernelRows; ky++) {
    let x = input;
    let w = weights;
    for (let kx: i32 = 0; kx < kernelColumns; kx++) {
      sum = madd(v128.load(x), v128.load(w), sum);
      x += channelBytes;
      w += channelBytes;
    }
    input += rowBytes;
    weights += weightRowBytes;
  }
  v128.store(out, sloped(sum, v128.load(slope)));
}

/** One output pixel; `kernelRows` × `kernelColumns` of its window lie inside the image. */
function pixel(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channelBytes: usize,
  rowBytes: usize,
  weightRowBytes: usize,
  kernelRows: i32,
  kernelColumns: i32,
  slope: usize,
): void {
  let at: usize = 0;
  for (; at + 64 <= channelBytes; at += 64)
    sumSixteen(
      input + at,
      weights + at,
      bias + at,
      out + at,
      channelBytes,
      rowBytes,
      weightRowBytes,
      kernelRows,
      kernelColumns,
      slope + at,
    );
  for (; at < channelBytes; at += 16)
    sumFour(
      input + at,
      weights + at,
      bias + at,
      out + at,
      channelBytes,
      rowBytes,
      weightRowBytes,
      kernelRows,
      kernelColumns,
      slope + at,
    );
}

/** Four output pixels in a row of a 3×3 filter of stride 1; all their columns lie inside the image. */
function four3(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channelBytes: usize,
  rowBytes: usize,
  kernelRows: i32,
  slope: usize,
): void {
  const double = <usize>2 * channelBytes;
  const last = double + channelBytes;
  for (let channel: usize = 0; channel < channelBytes; channel += 16) {
    let s0 = v128.load(bias + channel);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let x = input + channel;
    let w = weights + channel;
    for (let ky: i32 = 0; ky < kernelRows; ky++) {
      const w0 = v128.load(w);
      const w1 = v128.load(w + channelBytes);
      const w2 = v128.load(w + double);
      let value = v128.load(x);
      let at = x;
      s0 = madd(value, w0, s0);
      at += channelBytes;
      value = v128.load(at);
      s0 = madd(value, w1, s0);
      s1 = madd(value, w0, s1);
      at += channelBytes;
      value = v128.load(at);
      s0 = madd(value, w2, s0);
      s1 = madd(value, w1, s1);
      s2 = madd(value, w0, s2);
      at += channelBytes;
      value = v128.load(at);
      s1 = madd(value, w2, s1);
      s2 = madd(value, w1, s2);
      s3 = madd(value, w0, s3);
      at += channelBytes;
      value = v128.load(at);
      s2 = madd(value, w2, s2);
      s3 = madd(value, w1, s3);
      at += channelBytes;
      value = v128.load(at);
      s3 = madd(value, w2, s3);
      x += rowBytes;
      w += last;
    }
    const slopes = v128.load(slope + channel);
    const to = out + channel;
    v128.store(to, sloped(s0, slopes));
    v128.store(to + channelBytes, sloped(s1, slopes));
    v128.store(to + double, sloped(s2, slopes));
    v128.store(to + last, sloped(s3, slopes));
  }
}

/** The same of stride 2. */
function four3By2(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channelBytes: usize,
  rowBytes: usize,
  kernelRows: i32,
  slope: usize,
): void {
  const double = <usize>2 * channelBytes;
  const last = double + channelBytes;
  for (let channel: usize = 0; channel < channelBytes; channel += 16) {
    let s0 = v128.load(bias + channel);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let x = input + channel;
    let w = weights + channel;
    for (let ky: i32 = 0; ky < kernelRows; ky++) {
      const w0 = v128.load(w);
      const w1 = v128.load(w + channelBytes);
      const w2 = v128.load(w + double);
      let value = v128.load(x);
      let at = x;
      s0 = madd(value, w0, s0);
      at += channelBytes;
      value = v128.load(at);
      s0 = madd(value, w1, s0);
      at += channelBytes;
      value = v128.load(at);
      s0 = madd(value, w2, s0);
      s1 = madd(value, w0, s1);
      at += channelBytes;
      value = v128.load(at);
      s1 = madd(value, w1, s1);
      at += channelBytes;
      value = v128.load(at);
      s1 = madd(value, w2, s1);
      s2 = madd(value, w0, s2);
      at += channelBytes;
      value = v128.load(at);
      s2 = madd(value, w1, s2);
      at += channelBytes;
      value = v128.load(at);
      s2 = madd(value, w2, s2);
      s3 = madd(value, w0, s3);
      at += channelBytes;
      value = v128.load(at);
      s3 = madd(value, w1, s3);
      at += channelBytes;
      value = v128.load(at);
      s3 = madd(value, w2, s3);
      x += rowBytes;
      w += last;
    }
    const slopes = v128.load(slope + channel);
    const to = out + channel;
    v128.store(to, sloped(s0, slopes));
    v128.store(to + channelBytes, sloped(s1, slopes));
    v128.store(to + double, sloped(s2, slopes));
    v128.store(to + last, sloped(s3, slopes));
  }
}

/** Filters an NHWC image; windows may hang over every edge. */
export function depthwise(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channels: u32,
  height: i32,
  width: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  slope: usize,
): void {
  const channelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * channelBytes;
  const weightRowBytes = <usize>kernelWidth * channelBytes;
  const wide = kernelWidth == 3 && strideX <= 2;
  for (let y: i32 = 0; y < outHeight; y++) {
    const firstY = y * strideY - top;
    const fromY = max<i32>(0, -firstY);
    const rows = min<i32>(kernelHeight, height - firstY) - fromY;
    const line = input + <usize>(firstY + fromY) * rowBytes;
    const weightLine = weights + <usize>fromY * weightRowBytes;
    for (let x: i32 = 0; x < outWidth;) {
      const firstX = x * strideX - left;
      if (wide && firstX >= 0 && x + 4 <= outWidth && firstX + 3 * strideX + 3 <= width) {
        const at = line + <usize>firstX * channelBytes;
        if (strideX == 1) four3(at, weightLine, bias, out, channelBytes, rowBytes, rows, slope);
        else four3By2(at, weightLine, bias, out, channelBytes, rowBytes, rows, slope);
        x += 4;
        out += 4 * channelBytes;
        continue;
      }
      const fromX = max<i32>(0, -firstX);
      const columns = min<i32>(kernelWidth, width - firstX) - fromX;
      pixel(
        line + <usize>(firstX + fromX) * channelBytes,
        weightLine + <usize>fromX * channelBytes,
        bias,
        out,
        channelBytes,
        rowBytes,
        weightRowBytes,
        rows,
        columns,
        slope,
      );
      x += 1;
      out += channelBytes;
    }
  }
}
