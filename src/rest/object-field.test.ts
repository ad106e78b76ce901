import { describe, expect, it } from 'vitest';
import { encodedPicture, flag, optional, whole, withDefault } from './fields.ts';
import { list, object, rectangle } from './object-field.ts';
import { type RestError } from './problem.ts';
import { readField } from './read-fields.ts';
import { schemaOf } from './schema.ts';

const image = object(
  {
    data: encodedPicture('Base64'),
    area: optional(rectangle('A part of it')),
    turn: withDefault(flag('Turned'), false),
    more: withDefault(object({ age: withDefault(flag('Age'), false) }, 'More'), { age: false }),
  },
  'A picture',
);

/** What is refused, and why. */
function refused(value: unknown): unknown {
  try {
    return readField(image, value, 'image');
  } catch (error) {
    const { param, fault, code } = (error as RestError).problem;
    return [code, param, fault];
  }
}

describe('object', () => {
  it('reads its fields, also from JSON as text, and passes over others', () => {
    const area = { left: -3, top: 0, width: 5, height: 6 };
    const given = { data: 'a', area: { ...area, left: '-3' }, turn: 'yes', more: { age: true }, other: 1 };
    const read = { data: 'a', area, turn: true, more: { age: true } };
    expect(readField(image, given, 'image')).toEqual(read);
    expect(readField(image, JSON.stringify(given), 'image')).toEqual(read);
    const bare = { data: 'a', area: undefined, turn: false, more: { age: false } };
    expect(readField(image, { data: 'a', area: null, turn: '' }, 'image')).toEqual(bare);
  });

  it.each([
    [undefined, 'image', 'missing'],
    ['text', 'image', 'type'],
    [['a'], 'image', 'type'],
    [null, 'image', 'type'],
    [{}, 'image.data', 'missing'],
    [{ data: '' }, 'image.data', 'missing'],
    [{ data: 5 }, 'image.data', 'type'],
    [{ data: 'a', turn: 'perhaps' }, 'image.turn', 'type'],
    [{ data: 'a', area: [] }, 'image.area', 'type'],
    [{ data: 'a', area: { left: 0, top: 0, width: 5 } }, 'image.area.height', 'missing'],
    [{ data: 'a', area: { left: 0, top: 0, width: 0, height: 5 } }, 'image.area.width', 'value'],
    [{ data: 'a', area: { left: 0.5, top: 0, width: 1, height: 5 } }, 'image.area.left', 'value'],
    [{ data: 'a', more: { age: 7 } }, 'image.more.age', 'type'],
  ])('tells what is wrong by its path: %j', (given, param, fault) => {
    expect(refused(given)).toEqual(['BAD_PARAM', param, fault]);
  });

  it('shows what came, not the whole of it', () => {
    const read = (): unknown => readField(image, { data: 'secret', turn: 'perhaps' }, 'image');
    expect(read).toThrow(/^image\.turn must be true or false .* but is perhaps$/);
  });

  it('is told in the document', () => {
    expect(schemaOf(image)).toMatchObject({
      ...{ type: 'object', description: 'A picture', required: ['data'] },
      properties: {
        data: { type: 'string', contentEncoding: 'base64' },
        area: { type: 'object', required: ['left', 'top', 'width', 'height'] },
        turn: { type: 'boolean', default: false },
      },
    });
  });
});

describe('list', () => {
  const field = list(whole(0, 9, 'A digit'), [1, 3], 'Digits');

  it('takes as many items as it may have, whatever they are', () => {
    expect(readField(field, [1, 'x'], 'digits')).toEqual([1, 'x']);
    expect(readField(field, '[1, 2]', 'digits')).toEqual([1, 2]);
    expect(schemaOf(field)).toMatchObject({ type: 'array', minItems: 1, maxItems: 3, items: { maximum: 9 } });
  });

  it.each([
    [undefined, 'missing'],
    ['1', 'type'],
    [{}, 'type'],
    [[], 'value'],
    [[1, 2, 3, 4], 'value'],
  ])('and no others: %j', (given, fault) => {
    const read = (): unknown => readField(field, given, 'digits');
    expect(read).toThrow(expect.objectContaining({ problem: expect.objectContaining({ fault }) }));
  });
});
