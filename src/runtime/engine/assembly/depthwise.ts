// One filter per channel. Weights are kernelHeight × kernelWidth × channels, channels a multiple of 4.
import { activate, madd } from './vector';

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
  activation: u32,
  slope: usize,
): void {
  const end = channelBytes;
  for (let channel: usize = 0; channel < end; channel += 16) {
    let sum = v128.load(bias + channel);
    let line = input + channel;
    let weightLine = weights + channel;
    for (let ky: i32 = 0; ky < kernelRows; ky++) {
      let x = line;
      let w = weightLine;
      for (let kx: i32 = 0; kx < kernelColumns; kx++) {
        sum = madd(v128.load(x), v128.load(w), sum);
        x += channelBytes;
        w += channelBytes;
      }
      line += rowBytes;
      weightLine += weightRowBytes;
    }
    v128.store(out + channel, activate(sum, activation, slope + channel));
  }
}

/** Four output pixels in a row of a 3×3 filter; all their columns lie inside the image. */
function four3(
  input: usize,
  weights: usize,
  bias: usize,
  out: usize,
  channelBytes: usize,
  rowBytes: usize,
  kernelRows: i32,
  stride: i32,
  activation: u32,
  slope: usize,
): void {
  const last = <usize>3 * channelBytes;
  const double = <usize>2 * channelBytes;
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
      let at = x;
      if (stride == 1) {
        let value = v128.load(at);
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
        s3 = madd(v128.load(at), w2, s3);
      } else {
        let value = v128.load(at);
        s0 = madd(value, w0, s0);
        at += channelBytes;
        s0 = madd(v128.load(at), w1, s0);
        at += channelBytes;
        value = v128.load(at);
        s0 = madd(value, w2, s0);
        s1 = madd(value, w0, s1);
        at += channelBytes;
        s1 = madd(v128.load(at), w1, s1);
        at += channelBytes;
        value = v128.load(at);
        s1 = madd(value, w2, s1);
        s2 = madd(value, w0, s2);
        at += channelBytes;
        s2 = madd(v128.load(at), w1, s2);
        at += channelBytes;
        value = v128.load(at);
        s2 = madd(value, w2, s2);
        s3 = madd(value, w0, s3);
        at += channelBytes;
        s3 = madd(v128.load(at), w1, s3);
        at += channelBytes;
        s3 = madd(v128.load(at), w2, s3);
      }
      x += rowBytes;
      w += last;
    }
    const to = out + channel;
    const slopes = slope + channel;
    v128.store(to, activate(s0, activation, slopes));
    v128.store(to + channelBytes, activate(s1, activation, slopes));
    v128.store(to + double, activate(s2, activation, slopes));
    v128.store(to + last, activate(s3, activation, slopes));
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
  activation: u32,
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
        four3(at, weightLine, bias, out, channelBytes, rowBytes, rows, strideX, activation, slope);
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
        activation,
        slope,
      );
      x += 1;
      out += channelBytes;
    }
  }
}
