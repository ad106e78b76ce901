import { describe, expect, it } from 'vitest';
import { badParam, NearFaceError, showValue } from './errors.ts';

describe('NearFaceError', () => {
  it('keeps its message in JSON', () => {
    const error = badParam('options.limit', 11, 'a number from 0 to 10');
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'NearFaceError',
        code: 'BAD_PARAM',
        message: 'options.limit must be a number from 0 to 10, but is 11',
        details: { param: 'options.limit', value: '11' },
      },
    });
    expect(JSON.parse(JSON.stringify(new NearFaceError('NO_FACE', 'None')))).toHaveProperty(
      'message',
      'None',
    );
  });
});

describe('showValue', () => {
  it('shows plain objects as they were written, and names the others', () => {
    const round: Record<string, unknown> = {};
    round['self'] = round;
    const shown = [
      { fpir: '1%' },
      { a: () => 1, b: 2n, c: new Map() },
      new Map(),
      round,
      Object.create(null),
    ];
    expect(shown.map(showValue)).toEqual([
      '{"fpir":"1%"}',
      '{"a":"a function","b":"2n","c":"a Map"}',
      'a Map',
      'an object',
      'a null-prototype object',
    ]);
    expect(showValue({ long: 'x'.repeat(1000) })).toHaveLength(78);
  });
});
