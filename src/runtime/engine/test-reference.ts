/** What the engine's steps should give, in double precision. */
import type { Activation, Convolution, Step as AnyStep, Window } from './lower.ts';
import type { RegionStep } from './regions.ts';

/** Steps on pixels; `regions.test.ts` has the others. */
export type Step = Exclude<AnyStep, RegionStep>;

/** Channels first, in double precision. */
export interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly at: (channel: number, y: number, x: number) => number;
}

export function image(channels: number, height: number, width: number, at: Image['at']): Image {
  const values = new Float64Array(channels * height * width);
  for (let c = 0, i = 0; c < channels; c++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values[i++] = at(c, y, x);
  return {
    channels,
    height,
    width,
    at: (c, y, x) =>
      c < channels && y >= 0 && y < height && x >= 0 && x < width ? values[(c * height + y) * width + x]! : 0,
  };
}

function activated(value: number, activation: Activation, channel: number): number {
  if (value >= 0 || activation === 'none') return value;
  return activation === 'relu' ? 0 : value * activation[channel]!;
}

function convolved(step: Convolution, from: Image, residual: Image | undefined): Image {
  const { kernel, stride, dilation, pads } = step.window;
  const side = (size: number, axis: 0 | 1): number =>
    Math.floor((size + pads[axis] + pads[axis + 2]! - dilation * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
  const inputs = step.depthwise ? 1 : from.channels;
  return image(step.channels, side(from.height, 0), side(from.width, 1), (c, y, x) => {
    let sum = step.bias[c]! + (residual?.at(c, y, x) ?? 0);
    for (let i = 0; i < inputs; i++)
      for (let ky = 0; ky < kernel[0]; ky++)
        for (let kx = 0; kx < kernel[1]; kx++)
          sum +=
            step.weights[((c * inputs + i) * kernel[0] + ky) * kernel[1] + kx]! *
            from.at(
              step.depthwise ? c : i,
              y * stride[0] - pads[0] + ky * dilation,
              x * stride[1] - pads[1] + kx * dilation,
            );
    return activated(sum, step.activation, c);
  });
}

/** The largest of what of each window is inside. */
function pooled(from: Image, { kernel, stride, pads }: Window): Image {
  const side = (size: number, axis: 0 | 1): number =>
    Math.floor((size + pads[axis] + pads[axis + 2]! - kernel[axis]) / stride[axis]) + 1;
  return image(from.channels, side(from.height, 0), side(from.width, 1), (c, y, x) => {
    let most = -Infinity;
    for (let row = y * stride[0] - pads[0], ky = 0; ky < kernel[0]; ky++, row++)
      for (let column = x * stride[1] - pads[1], kx = 0; kx < kernel[1]; kx++, column++)
        if (row >= 0 && row < from.height && column >= 0 && column < from.width)
          most = Math.max(most, from.at(c, row, column));
    return most;
  });
}

function meanOf(from: Image, channel: number): number {
  let sum = 0;
  for (let y = 0; y < from.height; y++) for (let x = 0; x < from.width; x++) sum += from.at(channel, y, x);
  return sum / (from.height * from.width);
}

export function reference(step: Step, images: ReadonlyMap<string, Image>): Image {
  if (step.kind === 'concat') {
    const parts = step.inputs.map((name) => images.get(name)!);
    const all = parts.flatMap((part) => Array.from({ length: part.channels }, (_, c) => [part, c] as const));
    return image(all.length, parts[0]!.height, parts[0]!.width, (c, y, x) => {
      const [part, channel] = all[c]!;
      return part.at(channel, y, x);
    });
  }
  const from = images.get(step.input)!;
  if (step.kind === 'pool') return pooled(from, step.window);
  if (step.kind === 'mean') return image(from.channels, 1, 1, (c) => meanOf(from, c));
  if (step.kind === 'gate') {
    const gate = images.get(step.gate)!;
    const factor = (c: number): number => 1 / (1 + Math.exp(-gate.at(c, 0, 0)));
    return image(from.channels, from.height, from.width, (c, y, x) => factor(c) * from.at(c, y, x));
  }
  const residual = step.residual === undefined ? undefined : images.get(step.residual)!;
  if (step.kind === 'conv') return convolved(step, from, residual);
  return image(from.channels, from.height, from.width, (c, y, x) =>
    activated(from.at(c, y, x) + (residual?.at(c, y, x) ?? 0), step.activation, c),
  );
}
