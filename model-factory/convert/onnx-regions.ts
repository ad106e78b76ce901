import onnxProto from 'onnx-proto';
import { ModelFormatError, type RegionOperation } from './graph.ts';
import { attributeOf, littleEndian, type Attributes, type OnnxFunction } from './onnx-file.ts';

const { onnx } = onnxProto;
const { AttributeType } = onnx.AttributeProto;

/**
 * MediaPipe's region operators in ordinary operators of opset 16. Maps are [batch, 3, 2] here: rows for x, y and the shift,
 * so that points × map gives points. `imageSize` is that of the operation's first input.
 */
export function regionFunction(
  does: RegionOperation,
  imageSize: readonly [height: number, width: number],
): OnnxFunction {
  const body = new Body();
  switch (does.op) {
    case 'RegionTransform':
      transformBody(body, does.size);
      return {
        name: does.op,
        inputs: ['points'],
        output: 'map',
        attributes: ['left', 'right', 'subset', 'scale', 'size', 'pointScale'],
        body: body.nodes,
      };
    case 'RegionSample':
      sampleBody(body, does.size, imageSize);
      return {
        name: does.op,
        inputs: ['image', 'map'],
        output: 'region',
        attributes: ['size'],
        body: body.nodes,
      };
    case 'RegionPoints':
      pointsBody(body);
      return {
        name: does.op,
        inputs: ['points', 'map'],
        output: 'placed',
        attributes: ['unit'],
        body: body.nodes,
      };
  }
}

/** Nodes of a function's body. */
class Body {
  readonly nodes: onnxProto.onnx.INodeProto[] = [];

  node(op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.nodes.push({ opType: op, input: [...inputs], output: [output], attribute });
    return output;
  }

  /** A constant that an attribute of the call gives. */
  given(name: string, kind: 'value_int' | 'value_ints' | 'value_float'): string {
    const type = {
      value_int: AttributeType.INT,
      value_ints: AttributeType.INTS,
      value_float: AttributeType.FLOAT,
    };
    const attribute = [{ name: kind, refAttrName: name, type: type[kind] }];
    this.nodes.push({ opType: 'Constant', input: [], output: [name], attribute });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    return this.node('Constant', [], name, { value_ints: values });
  }

  floats(name: string, dims: readonly number[], values: readonly number[]): string {
    const rawData = littleEndian(values, 4, 'setFloat32');
    const tensor = { dims: [...dims], dataType: onnx.TensorProto.DataType.FLOAT, rawData };
    const attribute = [{ name: 'value', type: AttributeType.TENSOR, t: tensor }];
    this.nodes.push({ opType: 'Constant', input: [], output: [name], attribute });
    return name;
  }

  /** Elements `from` to `to` of an axis. */
  slice(input: string, axis: number, from: number, to: number, output: string): string {
    const places = [from, to, axis].map((value, i) => this.integers(`${output}${'fta'[i]}`, [value]));
    return this.node('Slice', [input, ...places], output);
  }
}

/** Source: MediaPipe, landmarks_to_transform_matrix.cc, v2. */
function transformBody(body: Body, size: number): void {
  const triples = body.node('Reshape', ['points', body.integers('triples', [0, -1, 3])], 'xyz');
  const flat = body.slice(triples, 2, 0, 2, 'flat');
  const xy = body.node('Mul', [flat, body.given('pointScale', 'value_float')], 'xy');
  const from = body.node('Gather', [xy, body.given('left', 'value_int')], 'from', { axis: 1 });
  const to = body.node('Gather', [xy, body.given('right', 'value_int')], 'to', { axis: 1 });
  const line = body.node('Sub', [to, from], 'line');
  const length = body.node('ReduceL2', [line], 'length', { axes: [1], keepdims: 1 });
  const direction = body.node('Div', [line, length], 'direction');
  const cos = body.slice(direction, 1, 0, 1, 'cos');
  const sin = body.slice(direction, 1, 1, 2, 'sin');
  const minus = body.node('Neg', [sin], 'minus');
  // Points times `turn` have the line level; times `back` they have it as it was.
  const four = body.node('Concat', [cos, sin, minus, cos], 'four', { axis: 1 });
  const back = body.node('Reshape', [four, body.integers('square', [-1, 2, 2])], 'back');
  const turn = body.node('Transpose', [back], 'turn', { perm: [0, 2, 1] });
  const subset = body.node('Gather', [xy, body.given('subset', 'value_ints')], 'chosen', { axis: 1 });
  const level = body.node('MatMul', [subset, turn], 'level');
  const most = body.node('ReduceMax', [level], 'most', { axes: [1], keepdims: 1 });
  const least = body.node('ReduceMin', [level], 'least', { axes: [1], keepdims: 1 });
  const twice = body.node('Add', [most, least], 'twice');
  const middle = body.node('Mul', [twice, body.floats('half', [1], [0.5])], 'middle');
  const centre = body.node('MatMul', [middle, back], 'centre');
  const extent = body.node('Sub', [most, least], 'extent');
  const enlarged = body.node('Mul', [extent, body.given('scale', 'value_float')], 'enlarged');
  const step = body.node('Div', [enlarged, body.floats('side', [1], [size])], 'step');
  const column = body.node('Transpose', [step], 'column', { perm: [0, 2, 1] });
  const axes = body.node('Mul', [column, back], 'axes');
  const corner = body.floats('corner', [1, 1, 2], [-size / 2, -size / 2]);
  const offset = body.node('MatMul', [corner, axes], 'offset');
  const shift = body.node('Add', [centre, offset], 'shift');
  body.node('Concat', [axes, shift], 'map', { axis: 1 });
}

/**
 * Source: MediaPipe, transform_tensor_bilinear.cc, v2: pixels are taken at their centres, and those that lie outside
 * the outermost pixels' centres are 0.
 */
function sampleBody(body: Body, size: number, [height, width]: readonly [number, number]): void {
  if (height !== width) throw new ModelFormatError('a region of an image that is not square is not written');
  const centres = Array.from({ length: size * size }, (_, i) => [
    (i % size) + 0.5,
    Math.floor(i / size) + 0.5,
    1,
  ]).flat();
  const half = body.floats('half', [1], [0.5]);
  const mapped = body.node('MatMul', [body.floats('centres', [size * size, 3], centres), 'map'], 'mapped');
  const places = body.node('Sub', [mapped, half], 'places');
  const last = body.floats('last', [], [height - 1]);
  const inside = body.node('Clip', [places, body.floats('first', [], [0]), last], 'inside');
  const equal = body.node('Equal', [places, inside], 'equal');
  const both = body.node('Cast', [equal], 'both', { to: onnx.TensorProto.DataType.FLOAT });
  const seen = body.node('ReduceMin', [both], 'seen', { axes: [2], keepdims: 0 });
  const mask = body.node('Reshape', [seen, body.integers('maskShape', [-1, 1, size, size])], 'mask');
  // GridSample counts from −1 to 1 between the centres of the outermost pixels.
  const unit = body.node('Mul', [inside, body.floats('unit', [1], [2 / (height - 1)])], 'inUnits');
  const grid = body.node('Sub', [unit, body.floats('one', [1], [1])], 'flatGrid');
  const shaped = body.node('Reshape', [grid, body.integers('gridShape', [-1, size, size, 2])], 'grid');
  const sampled = body.node('GridSample', ['image', shaped], 'sampled', {
    align_corners: 1,
    mode: 'bilinear',
    padding_mode: 'border',
  });
  body.node('Mul', [sampled, mask], 'region');
}

/** Source: MediaPipe, transform_landmarks.cc, v2. */
function pointsBody(body: Body): void {
  const pairs = body.node('Reshape', ['points', body.integers('pairs', [0, -1, 2])], 'xy');
  const axes = body.slice('map', 1, 0, 2, 'axes');
  const shift = body.slice('map', 1, 2, 3, 'shift');
  const turned = body.node('MatMul', [pairs, axes], 'turned');
  const shifted = body.node('Mul', [shift, body.given('unit', 'value_float')], 'shifted');
  body.node('Add', [turned, shifted], 'placed');
}
