/** Networks of random steps for tests. */
import fc from 'fast-check';
import type { EngineKernel } from './kernel.ts';
import type { Activation, Convolution, Network, Window } from './lower.ts';
import { type Plan, planNetwork } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { CHUNK_WORK } from './split.ts';
import type { Step } from './test-reference.ts';
import { packWeights, type PackedWeights } from './weights.ts';

/** Weights of one output after the other, each `length` long, as bytes times a scale of its own. */
export function bytes(make: (length: number) => Float32Array, outputs: number, length: number): Float32Array {
  const scales = make(outputs).map((scale) => scale / 8);
  return make(outputs * length).map(
    (x, i) => Math.fround(scales[Math.floor(i / length)]!) * Math.round(127 * x),
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
export function runSteps(
  steps: readonly Step[],
  drawn: Pick<Case, 'seed' | 'inputs' | 'height' | 'width' | 'chunkWork'>,
  kernel: EngineKernel,
): Ran {
  const { seed, inputs, height, width, chunkWork } = drawn;
  const outputs = steps.map(({ output }) => ({ images: [{ name: output, flat: false }], softmax: 0 }));
  const network: Network = { input: 'input', steps, outputs };
  const weights = packWeights(network, kernel, true);
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

/** A convolution of random weights, 1×1 where `more` says nothing else. */
export function conv(
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
    'products of many channels, of weights in bytes and of others',
    (drawn, make) => {
      const { inputs, kernel, stride, dilation, pads } = drawn;
      const [channels, outputs, added] = [32 + 5 * drawn.channels, 32 + 5 * drawn.outputs, drawn.added];
      const activation = activationOf(drawn, make, outputs);
      const window: Window = { kernel: kernel[0] * kernel[1] > 9 ? [3, 3] : kernel, stride, dilation, pads };
      const [height, width] = window.kernel;
      const fits = drawn.height > dilation * (height - 1) && drawn.width > dilation * (width - 1);
      return [
        conv(make, ['input', inputs], ['a', channels], { activation: 'relu' }),
        conv(make, ['input', inputs], ['f', 32]),
        conv(make, ['input', inputs], ['b', added]),
        conv(make, ['a', channels], ['c', outputs], {
          weights: bytes(make, outputs, channels),
          residual: 'b',
          activation,
        }),
        conv(make, ['a', channels], ['d', outputs], { activation }),
        ...(fits
          ? [
              conv(make, ['f', 32], ['e', 32], {
                window,
                weights: bytes(make, 32, 32 * height * width),
              }),
            ]
          : []),
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
