import { encode } from 'flatbuffers/mjs/flexbuffers.js';
import { describe, expect, it } from 'vitest';
import { foldRegions } from './fold-regions.ts';
import { withoutUnused } from './graph-edit.ts';
import { GraphBuilder } from './graph-builder.ts';
import { ModelFormatError, type Graph, type RegionOperation } from './graph.ts';
import { regionOperation } from './tflite-regions.ts';

const OPTIONS = {
  left_rotation_idx: 61,
  right_rotation_idx: 291,
  output_height: 16,
  output_width: 16,
  scale_x: 1.5,
  scale_y: 1.5,
  subset_idxs: [61, 291, 0, 17],
  target_rotation_radians: 0,
};

const parsed = (options: object): RegionOperation | undefined =>
  regionOperation('Landmarks2TransformMatrix', new Uint8Array(encode(options)));

describe('regionOperation', () => {
  it('reads the options of MediaPipe’s operators', () => {
    expect(parsed(OPTIONS)).toEqual({
      op: 'RegionTransform',
      left: 61,
      right: 291,
      subset: [61, 291, 0, 17],
      scale: 1.5,
      size: 16,
      pointScale: 1,
    });
    const sides = new Uint8Array(encode({ output_height: 8, output_width: 8 }));
    expect(regionOperation('TransformTensorBilinear', sides)).toEqual({ op: 'RegionSample', size: 8 });
    expect(regionOperation('TransformLandmarks', new Uint8Array())).toEqual({ op: 'RegionPoints', unit: 1 });
    expect(regionOperation('CONV_3D', new Uint8Array())).toBeUndefined();
  });

  it('refuses options that it has no meaning for', () => {
    for (const other of [
      { scale_y: 2 },
      { target_rotation_radians: 0.5 },
      { output_width: 8 },
      { subset_idxs: 3 },
    ])
      expect(() => parsed({ ...OPTIONS, ...other })).toThrow(ModelFormatError);
  });
});

describe('foldRegions', () => {
  /** points → reshape → × 0.25 → map; map × factors, points of a region → points. */
  function graphOf(factors: readonly number[]): Graph {
    const builder = new GraphBuilder();
    builder.value('mesh', [1, 1, 1, 1404]);
    builder.value('lips', [1, 1, 1, 160]);
    builder.value('triples', [1, 468, 3]);
    builder.value('quarter', [1], Float32Array.of(0.25));
    builder.value('scaled', [1, 468, 3]);
    builder.value('map', [1, 4, 4]);
    builder.value('factors', [1, 4, 4], Float32Array.from(factors));
    builder.value('mapInUnits', [1, 4, 4]);
    builder.value('pairs', [1, 80, 2]);
    builder.value('placed', [1, 80, 2]);
    builder.node({ op: 'Reshape' }, ['mesh'], 'triples');
    builder.node({ op: 'Mul' }, ['triples', 'quarter'], 'scaled');
    builder.node(parsed(OPTIONS)!, ['scaled'], 'map');
    builder.node({ op: 'Mul' }, ['map', 'factors'], 'mapInUnits');
    builder.node({ op: 'Reshape' }, ['lips'], 'pairs');
    builder.node({ op: 'RegionPoints', unit: 1 }, ['pairs', 'mapInUnits'], 'placed');
    return builder.graph(['mesh', 'lips'], ['placed']);
  }

  it('takes scales and reshapes into the operators', () => {
    const { nodes } = withoutUnused(foldRegions(graphOf([1, 1, 4, 4, 1, 1, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1])));
    expect(nodes.map(({ does, inputs }) => [does.op, inputs])).toEqual([
      ['RegionTransform', ['mesh']],
      ['RegionPoints', ['lips', 'map']],
    ]);
    expect(nodes.map(({ does }) => does)).toMatchObject([{ pointScale: 0.25 }, { unit: 4 }]);
  });

  it('refuses to scale anything but the shift', () => {
    expect(() => foldRegions(graphOf([2, 1, 4, 4, 1, 1, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1]))).toThrow(
      ModelFormatError,
    );
  });
});
