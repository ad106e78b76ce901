import { expect, test } from 'vitest';
import { gateChannels, meanOfChannels } from './gates.ts';

/** Two pixels of four channels from index 8 on. */
function image(): Float32Array {
  const memory = new Float32Array(64).fill(NaN);
  memory.set([1, 10, -4, 0, 3, 30, 4, 0], 8);
  return memory;
}

test('the mean of each channel', () => {
  const memory = image();
  meanOfChannels(memory, 8, 40, 2, 4);
  expect([...memory.subarray(40, 44)]).toEqual([2, 20, 0, 0]);
  expect(memory[44]).toBeNaN();
});

test('each channel times the logistic function of its gate', () => {
  const memory = image();
  memory.set([0, 100, -100, 7], 32);
  gateChannels(memory, 8, 32, 40, 2, 4);
  const gated = [...memory.subarray(40, 48)];
  expect(gated[0]).toBe(0.5);
  expect(gated[1]).toBeCloseTo(10, 6);
  expect(gated[2]).toBeCloseTo(0, 6);
  expect(gated[4]).toBe(1.5);
  expect(gated[5]).toBeCloseTo(30, 6);
  expect(memory[48]).toBeNaN();
});
