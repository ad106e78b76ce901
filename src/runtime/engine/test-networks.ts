/** Networks of random steps for tests, and what they should give, in double precision. */
import fc from 'fast-check';
import type { EngineKernel } from './kernel.ts';
import type { Activation, Convolution, Network, Step as AnyStep, Window } from './lower.ts';
import { type Plan, planNetwork } from './plan.ts';
import type { RegionStep } from './regions.ts';
import { runPlan } from './run-plan.ts';
import { CHUNK_WORK } from './split.ts';
import { packWeights, type PackedWeights } from './weights.ts';

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

export function random(seed: number): (length: number) => Float32Array {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return (length) => Float32Array.from({ length }, next);
}

export interface Case {
  readonly seed: number;
  readonly inputs: number;
  readonly channels: number;
  readonly added: number;
  readonly outputs: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: number;
  readonly pads: readonly [number, number, number, number];
  readonly activation: 'none' | 'relu' | 'prelu';
  /** Multiplications of a chunk: so few that steps of this size are shared out, or as many as in use. */
  readonly chunkWork: number;
}

/** What a kernel gave. */
export interface Ran {
  /** To be released. */
  readonly weights: PackedWeights;
  readonly plan: Plan;
  readonly memory: Float32Array;
  /** The input, channels first. */
  readonly pixels: Float32Array;
}

/** Runs steps on an input of a case's seed, every image being an output so that all are kept. */
export function runSteps(steps: readonly Step[], drawn: Case, kernel: EngineKernel): Ran {
  const { seed, inputs, height, width, chunkWork } = drawn;
  const outputs = steps.map(({ output }) => ({ images: [{ name: output, flat: false }], softmax: 0 }));
  const network: Network = { input: 'input', steps, outputs };
  const weights = packWeights(network, kernel);
  const plan = planNetwork(network, weights, kernel, { channels: inputs, height, width }, chunkWork);
  kernel.reserve(plan.end);
  // What a step must not read, or must overwrite, would show.
  new Float32Array(kernel.memory.buffer).fill(NaN, kernel.weights.top / 4);
  const pixels = random(seed + 1)(inputs * height * width);
  return { weights, plan, memory: runPlan(kernel, plan, pixels), pixels };
}

const side = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
export const cases: fc.Arbitrary<Case> = fc
  .record({
    seed: fc.nat(),
    inputs: side(4),
    channels: side(21),
    added: side(21),
    outputs: side(21),
    height: side(19),
    width: side(19),
    kernel: fc.oneof(
      fc.constant<[number, number]>([1, 1]),
      fc.constant<[number, number]>([3, 3]),
      fc.tuple(side(7), side(7)),
    ),
    stride: fc.tuple(side(3), side(3)),
    dilation: side(2),
    pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    activation: fc.constantFrom<Case['activation'][]>('none', 'relu', 'prelu'),
    chunkWork: fc.constantFrom(300, 3000, CHUNK_WORK),
  })
  .filter(({ height, width, kernel, dilation, pads }) => {
    const fits = (size: number, pad: number, taps: number): boolean => size + pad > dilation * (taps - 1);
    return fits(height, pads[0] + pads[2], kernel[0]) && fits(width, pads[1] + pads[3], kernel[1]);
  });

function activationOf(
  { activation }: Case,
  make: (length: number) => Float32Array,
  channels: number,
): Activation {
  return activation === 'prelu' ? make(channels) : activation;
}

const POINT = { kernel: [1, 1], stride: [1, 1], dilation: 1, pads: [0, 0, 0, 0] } as const;

function conv(
  make: (length: number) => Float32Array,
  [input, inputs]: readonly [string, number],
  [output, channels]: readonly [string, number],
  more: Partial<Convolution> = {},
): Convolution {
  const window = more.window ?? POINT;
  const taps = window.kernel[0] * window.kernel[1];
  const perGroup = more.depthwise ? 1 : inputs;
  return {
    kind: 'conv',
    input,
    output,
    activation: 'none',
    window,
    weights: make(channels * perGroup * taps),
    bias: make(channels),
    channels,
    depthwise: false,
    ...more,
  };
}

/** Steps by a case; `make` gives random numbers. */
export type DrawSteps = (drawn: Case, make: (length: number) => Float32Array) => readonly Step[];

/** Steps of each kind, by what they are. */
export const NETWORKS: readonly (readonly [kind: string, draw: DrawSteps])[] = [
  [
    'convolutions of the planar input',
    (drawn, make) => {
      const { inputs, outputs, kernel, stride, dilation, pads } = drawn;
      const activation = activationOf(drawn, make, outputs);
      return [
        conv(make, ['input', inputs], ['a', outputs], {
          window: { kernel, stride, dilation, pads },
          activation,
        }),
      ];
    },
  ],
  [
    'convolutions of images',
    (drawn, make) => {
      const { inputs, channels, outputs, kernel, stride, dilation, pads } = drawn;
      const activation = activationOf(drawn, make, outputs);
      return [
        conv(make, ['input', inputs], ['a', channels]),
        conv(make, ['a', channels], ['b', outputs], {
          window: { kernel, stride, dilation, pads },
          activation,
        }),
      ];
    },
  ],
  [
    'depthwise convolutions',
    (drawn, make) => {
      const { inputs, channels, kernel, stride, pads } = drawn;
      const activation = activationOf(drawn, make, channels);
      return [
        conv(make, ['input', inputs], ['a', channels]),
        conv(make, ['a', channels], ['b', channels], {
          depthwise: true,
          window: { kernel, stride, dilation: 1, pads },
          activation,
        }),
      ];
    },
  ],
  [
    '1×1 convolutions with a residual of as many or fewer channels',
    (drawn, make) => {
      const { inputs, channels, added } = drawn;
      const outputs = Math.max(added, drawn.outputs);
      const activation = activationOf(drawn, make, outputs);
      return [
        conv(make, ['input', inputs], ['a', channels]),
        conv(make, ['input', inputs], ['b', added]),
        conv(make, ['a', channels], ['c', outputs], { residual: 'b', activation }),
      ];
    },
  ],
  [
    'means of channels, and channels times what is made of them',
    (drawn, make) => {
      const { inputs, channels, outputs } = drawn;
      return [
        conv(make, ['input', inputs], ['a', channels]),
        { kind: 'mean', input: 'a', output: 'b' },
        conv(make, ['b', channels], ['c', outputs], { activation: 'relu' }),
        conv(make, ['c', outputs], ['d', channels]),
        { kind: 'gate', input: 'a', gate: 'd', output: 'e' },
      ];
    },
  ],
  [
    'additions, pools and concatenations',
    (drawn, make) => {
      const { inputs, channels, added } = drawn;
      const activation = activationOf(drawn, make, Math.max(channels, added));
      const [most, least] = channels > added ? ['a', 'b'] : ['b', 'a'];
      const { kernel, stride } = drawn;
      const pads = drawn.pads.map((pad, side) =>
        Math.min(pad, kernel[side % 2]! - 1),
      ) as unknown as Case['pads'];
      const window: Window = { kernel, stride, dilation: 1, pads };
      const steps: Step[] = [
        conv(make, ['input', inputs], ['a', channels]),
        conv(make, ['input', inputs], ['b', added]),
        conv(make, ['input', inputs], ['c', 4 * added]),
        conv(make, ['input', inputs], ['d', 8]),
        { kind: 'pointwise', input: most, residual: least, output: 'e', activation },
        { kind: 'concat', inputs: ['c', 'd', 'c'], output: 'f' },
      ];
      const fits = (size: number, axis: 0 | 1): boolean =>
        size + pads[axis] + pads[axis + 2]! >= kernel[axis];
      if (fits(drawn.height, 0) && fits(drawn.width, 1))
        steps.push({ kind: 'pool', input: 'a', output: 'g', window });
      return steps;
    },
  ],
];
