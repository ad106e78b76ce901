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
  for (let channel = 0; channel < stride; channel++) {
    let sum = 0;
    for (let at = from + channel, left = pixels; left > 0; left--, at += stride) sum += memory[at]!;
    memory[to + channel] = sum / pixels;
  }
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
  for (let channel = 0; channel < stride; channel++) {
    const factor = 1 / (1 + Math.exp(-memory[gate + channel]!));
    for (let at = channel, left = pixels; left > 0; left--, at += stride)
      memory[to + at] = factor * memory[from + at]!;
  }
}
