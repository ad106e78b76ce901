// Windows of NHWC images laid out in rows, for `gemm`, and what else moves pixels without arithmetic.

/** Copies four floats at a time; what is too much is overwritten by what comes after. */
// @ts-ignore: decorator
@inline
function insideWindow(
  from: usize,
  out: usize,
  channels: u32,
  plane: usize,
  line: usize,
  kernelHeight: i32,
  kernelWidth: i32,
): void {
  const bytes = (<usize>kernelWidth) << 2;
  for (let channel: u32 = 0; channel < channels; channel++) {
    let source = from;
    for (let ky: i32 = 0; ky < kernelHeight; ky++) {
      v128.store(out, v128.load(source));
      for (let at: usize = 16; at < bytes; at += 16) v128.store(out + at, v128.load(source + at));
      source += line;
      out += bytes;
    }
    from += plane;
  }
}

/**
 * From an NCHW image: for each output pixel a row of channels × kernel × kernel floats, filled up with zeros
 * to `k`. Windows may hang over every edge. Up to 12 bytes after the last row are overwritten.
 */
export function planarWindows(
  input: usize,
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
  dilation: i32,
  top: i32,
  left: i32,
  k: u32,
): void {
  const used = channels * <u32>(kernelHeight * kernelWidth);
  const plane = (<usize>(height * width)) << 2;
  for (let y: i32 = 0; y < outHeight; y++) {
    for (let x: i32 = 0; x < outWidth; x++) {
      const firstX = x * strideX - left;
      const firstY = y * strideY - top;
      const row = out;
      if (
        dilation == 1 &&
        firstX >= 0 &&
        firstY >= 0 &&
        firstX + kernelWidth <= width &&
        firstY + kernelHeight <= height
      ) {
        insideWindow(
          input + ((<usize>(firstY * width + firstX)) << 2),
          out,
          channels,
          plane,
          (<usize>width) << 2,
          kernelHeight,
          kernelWidth,
        );
        out = row + ((<usize>used) << 2);
        for (const end = row + ((<usize>k) << 2); out < end; out += 4) store<f32>(out, 0);
        continue;
      }
      let source = input;
      for (let channel: u32 = 0; channel < channels; channel++) {
        for (let ky: i32 = 0; ky < kernelHeight; ky++) {
          const sy = firstY + ky * dilation;
          const inside = <u32>sy < <u32>height;
          const line = source + ((<usize>(sy * width)) << 2);
          for (let kx: i32 = 0; kx < kernelWidth; kx++) {
            const sx = firstX + kx * dilation;
            const value: f32 = inside && <u32>sx < <u32>width ? load<f32>(line + ((<usize>sx) << 2)) : 0;
            store<f32>(out, value);
            out += 4;
          }
        }
        source += plane;
      }
      for (const end = row + ((<usize>k) << 2); out < end; out += 4) store<f32>(out, 0);
    }
  }
}

/** From an NHWC image: for each output pixel a row of kernel × kernel × channels floats (a multiple of 4). */
export function windows(
  input: usize,
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
  dilation: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  for (let y: i32 = 0; y < outHeight; y++) {
    for (let x: i32 = 0; x < outWidth; x++) {
      for (let ky: i32 = 0; ky < kernelHeight; ky++) {
        const sy = y * strideY - top + ky * dilation;
        for (let kx: i32 = 0; kx < kernelWidth; kx++) {
          const sx = x * strideX - left + kx * dilation;
          const end = out + pixel;
          if (<u32>sy < <u32>height && <u32>sx < <u32>width) {
            let from = input + <usize>(sy * width + sx) * pixel;
            for (; out < end; out += 16, from += 16) v128.store(out, v128.load(from));
          } else {
            for (; out < end; out += 16) v128.store(out, f32x4.splat(0));
          }
        }
      }
    }
  }
}

/** The largest of each window of an NHWC image; of windows that hang over an edge, the part inside. */
export function maxPool(
  input: usize,
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
): void {
  const pixel = (<usize>channels) << 2;
  const line = <usize>width * pixel;
  for (let y: i32 = 0; y < outHeight; y++) {
    const fromY = max<i32>(0, y * strideY - top);
    const rows = min<i32>(height, y * strideY - top + kernelHeight) - fromY;
    for (let x: i32 = 0; x < outWidth; x++) {
      const fromX = max<i32>(0, x * strideX - left);
      const columns = min<i32>(width, x * strideX - left + kernelWidth) - fromX;
      let from = input + <usize>fromY * line + <usize>fromX * pixel;
      for (const end = out + pixel; out < end; out += 16, from += 16) {
        let most = v128.load(from);
        for (let ky: i32 = 0; ky < rows; ky++) {
          let at = from + <usize>ky * line;
          for (let kx: i32 = 0; kx < columns; kx++, at += pixel) most = f32x4.pmax(most, v128.load(at));
        }
        v128.store(out, most);
      }
    }
  }
}

/** Puts the `channels` of each of `pixels` pixels into pixels of `outChannels`: one part of a concatenation. */
export function place(input: usize, out: usize, pixels: u32, channels: u32, outChannels: u32): void {
  const bytes = (<usize>channels) << 2;
  const step = (<usize>outChannels) << 2;
  for (let i: u32 = 0; i < pixels; i++) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(out + at, v128.load(input + at));
    input += bytes;
    out += step;
  }
}
