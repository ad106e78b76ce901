// Small grey copies.

/** Luma times 256 of four pixels, in 32 bits: red, green and blue weigh 77, 150 and 29. */
// @ts-ignore: decorator
@inline
function lumas(pixels: v128): v128 {
  const even = v128.and(pixels, i32x4.splat(0x00ff00ff));
  const green = v128.and(i32x4.shr_u(pixels, 8), i32x4.splat(0xff));
  // Red and blue lie in 16 bits each.
  const weights = i32x4.splat((29 << 16) | 77);
  return i32x4.add(i32x4.dot_i16x8_s(even, weights), i32x4.dot_i16x8_s(green, i32x4.splat(150)));
}

/**
 * For each of `width` × `height` outputs a byte, the rounded mean luma of four pixels: of two rows, whose offsets in bytes stand at `rows`,
 * two columns, whose offsets in bytes of `i32` stand at `columns`. `spare` has room for the `span` pixels of a row as `i32`, filled up to four.
 */
export function grey(
  from: usize,
  span: u32,
  rows: usize,
  columns: usize,
  spare: usize,
  width: u32,
  height: u32,
  out: usize,
): void {
  const bytes = (<usize>span) << 2;
  for (let y: u32 = 0; y < height; y++, rows += 8) {
    const upper = from + load<u32>(rows);
    const lower = from + load<u32>(rows, 4);
    for (let at: usize = 0; at < bytes; at += 16)
      v128.store(spare + at, i32x4.add(lumas(v128.load(upper + at)), lumas(v128.load(lower + at))));
    let pair = columns;
    for (const end = out + width; out < end; out++, pair += 8) {
      const sum = load<u32>(spare + load<u32>(pair)) + load<u32>(spare + load<u32>(pair, 4));
      store<u8>(out, (sum + 512) >> 10);
    }
  }
}
