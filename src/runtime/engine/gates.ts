/**
 * What squeeze-and-excitation blocks do with whole images: each channel's mean, and each channel times a factor. Indices are of floats; images have
 * `stride` floats a pixel. Source: Hu et al., Squeeze-and-Excitation Networks, 2018.
 */

/** Writes the mean of each channel over `pixels` pixels. */
export function meanOfChannels(
  memory: Float32Array,
  from: number,
  to: number,
  pixels: number,
  stride: number,
): void {
  const sums = new Float64Array(stride);
  // Pixel by pixel, as they lie.
  for (let at = from, end = from + pixels * stride; at < end; at += stride)
    for (let channel = 0; channel < stride; channel++) sums[channel]! += memory[at + channel]!;
  for (let channel = 0; channel < stride; channel++) memory[to + channel] = sums[channel]! / pixels;
}

/** Writes an image with each channel times the logistic function of its number in `gate`. */
export function gateChannels(
  memory: Float32Array,
  from: number,
  gate: number,
  to: number,
  pixels: number,
  stride: number,
): void {
  const factors = new Float32Array(stride);
  for (let channel = 0; channel < stride; channel++)
    factors[channel] = 1 / (1 + Math.exp(-memory[gate + channel]!));
  for (let at = 0; at < pixels * stride; at += stride)
    for (let channel = 0; channel < stride; channel++)
      memory[to + at + channel] = factors[channel]! * memory[from + at + channel]!;
}
