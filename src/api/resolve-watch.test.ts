import { describe, expect, test } from 'vitest';
import { completeWatch, checkWatch } from './resolve-watch.ts';

const resolved = (raw: unknown): ReturnType<typeof completeWatch> => completeWatch(checkWatch(raw));

test('the defaults are those of the contract', () => {
  expect(resolved({})).toEqual({
    ...{ motionThreshold: 0.002, motionScale: 0.3, galleries: ['default'], topK: 1, action: 'identify' },
    ...{ minShotScore: 0.3, scoreStep: 0.05, delayMs: 0, refreshMs: 0, maxPersons: 16, boxScale: 1 },
    ...{ photo: false, fps: 25 },
  });
});

describe('what no session can be run with is refused by its name', () => {
  test.each([
    ['galleries', []],
    ['galleries', ['']],
    ['topK', 0],
    ['topK', 11],
    ['motionThreshold', NaN],
    ['motionThreshold', 1.1],
    ['motionScale', 0],
    ['maxDistance', 2.1],
    ['minShotScore', -0.1],
    ['maxYaw', 91],
    ['delayMs', -1],
    ['minFaceSize', 0],
    ['maxPersons', 1.5],
    ['boxScale', 0],
    ['startTime', Infinity],
    ['fps', 0],
    ['rot', '0x10+0+0'],
    ['roi', [10, 10, NaN, 0]],
    ['roi', null],
    ['people', 'on'],
    ['realtime', 1],
  ])('%s: %j', (name, value) => {
    const given = { [name]: value };
    expect(() => resolved(given)).toThrow(
      expect.objectContaining({ code: 'BAD_PARAM', message: expect.stringContaining(`options.${name}`) }),
    );
  });

  test.each([
    ['options.enrol.galleries', { action: 'enrol', enrol: { galleries: [] } }],
    ['options.enrol', { enrol: {} }],
    ['options.postTo.url', { postTo: {} }],
    ['options.postTo.url', { postTo: { url: 'https://[' } }],
    ['options.postTo.imageField', { postTo: { url: '/faces', imageField: 'bbox' } }],
    ['options.postTo.headers', { postTo: { url: '/faces', headers: 7 } }],
    [
      'options.postTo.headers.content-type',
      { postTo: { url: '/faces', headers: { 'Content-Type': 'multipart/form-data' } } },
    ],
    ['options.maxDistance', { maxDistance: 1, threshold: 'strict' }],
    ['options.maxFaceSize', { minFaceSize: 50, maxFaceSize: 40 }],
    ['options.dedupe.maxDuplicates', { dedupe: { maxDuplicates: 0 } }],
  ])('%s', (name, given) => {
    expect(() => resolved(given)).toThrow(
      expect.objectContaining({ code: 'BAD_PARAM', message: expect.stringContaining(name) }),
    );
  });
});
