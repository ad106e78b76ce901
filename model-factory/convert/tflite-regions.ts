import { toObject } from 'flatbuffers/mjs/flexbuffers.js';
import { ModelFormatError, type RegionOperation } from './graph.ts';

/** MediaPipe's operator `kind` with its FlexBuffer of options, or undefined for an operator that is none of its. */
export function regionOperation(kind: string, options: Uint8Array): RegionOperation | undefined {
  switch (kind) {
    case 'Landmarks2TransformMatrix':
      return transform(kind, options);
    case 'TransformTensorBilinear':
      return { op: 'RegionSample', size: sideOf(optionsOf(options), kind) };
    case 'TransformLandmarks':
      // The second version of the operator has no options.
      return { op: 'RegionPoints', unit: 1 };
    default:
      return undefined;
  }
}

function transform(kind: string, bytes: Uint8Array): RegionOperation {
  const options = optionsOf(bytes);
  const { scale_x: scale, scale_y: other, target_rotation_radians: turn, subset_idxs: subset } = options;
  if (turn || scale !== other || !Array.isArray(subset))
    throw new ModelFormatError(`a ${kind} of another kind is not read`);
  return {
    op: 'RegionTransform',
    left: Number(options['left_rotation_idx']),
    right: Number(options['right_rotation_idx']),
    subset: subset.map(Number),
    scale: Number(scale),
    size: sideOf(options, kind),
    pointScale: 1,
  };
}

type Options = Readonly<Record<string, unknown>>;

function optionsOf(bytes: Uint8Array): Options {
  // The reader wants a buffer that ends where the options do.
  return toObject(new Uint8Array(bytes).buffer) as Options;
}

function sideOf({ output_width: width, output_height: height }: Options, kind: string): number {
  if (width !== height) throw new ModelFormatError(`a ${kind} of another shape is not read`);
  return Number(width);
}
