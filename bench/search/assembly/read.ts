// AssemblyScript. Reads a stretch of memory and does next to nothing with it: what a scan is held against.
// `bytes` is a multiple of 2,048. The fastest of the three, on the machine at hand, counts.

function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
  );
}

/** One stream, eight accumulators. */
export function read1(p: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = a,
    c = a,
    d = a,
    e = a,
    f = a,
    g = a,
    h = a;
  const end = p + bytes;
  for (; p < end; p += 128) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32));
    d = f32x4.add(d, v128.load(p, 48));
    e = f32x4.add(e, v128.load(p, 64));
    f = f32x4.add(f, v128.load(p, 80));
    g = f32x4.add(g, v128.load(p, 96));
    h = f32x4.add(h, v128.load(p, 112));
  }
  return total(a) + total(b) + total(c) + total(d) + total(e) + total(f) + total(g) + total(h);
}

/** Four streams a quarter apart, two accumulators each. */
export function read4(p: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = a,
    c = a,
    d = a,
    e = a,
    f = a,
    g = a,
    h = a;
  const quarter = bytes >> 2;
  const end = p + quarter;
  let p1 = p + quarter;
  let p2 = p1 + quarter;
  let p3 = p2 + quarter;
  for (; p < end; p += 32) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p1));
    c = f32x4.add(c, v128.load(p2));
    d = f32x4.add(d, v128.load(p3));
    e = f32x4.add(e, v128.load(p, 16));
    f = f32x4.add(f, v128.load(p1, 16));
    g = f32x4.add(g, v128.load(p2, 16));
    h = f32x4.add(h, v128.load(p3, 16));
    p1 += 32;
    p2 += 32;
    p3 += 32;
  }
  return total(a) + total(b) + total(c) + total(d) + total(e) + total(f) + total(g) + total(h);
}

/** Eight streams an eighth apart, one accumulator each. */
export function read8(p: usize, bytes: usize): f32 {
  let a = f32x4.splat(0);
  let b = a,
    c = a,
    d = a,
    e = a,
    f = a,
    g = a,
    h = a;
  const eighth = bytes >> 3;
  const end = p + eighth;
  let p1 = p + eighth;
  let p2 = p1 + eighth;
  let p3 = p2 + eighth;
  let p4 = p3 + eighth;
  let p5 = p4 + eighth;
  let p6 = p5 + eighth;
  let p7 = p6 + eighth;
  for (; p < end; p += 16) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p1));
    c = f32x4.add(c, v128.load(p2));
    d = f32x4.add(d, v128.load(p3));
    e = f32x4.add(e, v128.load(p4));
    f = f32x4.add(f, v128.load(p5));
    g = f32x4.add(g, v128.load(p6));
    h = f32x4.add(h, v128.load(p7));
    p1 += 16;
    p2 += 16;
    p3 += 16;
    p4 += 16;
    p5 += 16;
    p6 += 16;
    p7 += 16;
  }
  return total(a) + total(b) + total(c) + total(d) + total(e) + total(f) + total(g) + total(h);
}
