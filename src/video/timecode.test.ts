import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timecode } from './timecode.ts';

/** 30 and 60 frames a second, a thousandth slower. */
const [NTSC, DOUBLE] = [30_000 / 1001, 60_000 / 1001];

test.each([
  [1036, 50, '00:00:20:36'],
  [0, 25, '00:00:00:00'],
  [24, 25, '00:00:00:24'],
  [90_000, 25, '01:00:00:00'],
  [24, 24_000 / 1001, '00:00:01:00'],
  [29, NTSC, '00:00:00;29'],
  [1799, NTSC, '00:00:59;29'],
  // The worked example of SMPTE ST 12-1: 00 and 01 of a minute are left out, but not of every tenth.
  [1800, NTSC, '00:01:00;02'],
  [3597, NTSC, '00:01:59;29'],
  [3598, NTSC, '00:02:00;02'],
  [17_981, NTSC, '00:09:59;29'],
  [17_982, NTSC, '00:10:00;00'],
  [107_892, NTSC, '01:00:00;00'],
  [1800, 29.97, '00:01:00;02'],
  [3600, DOUBLE, '00:01:00;04'],
  [35_964, DOUBLE, '00:10:00;00'],
  [12, 12.5, '00:00:00:12'],
  [13, 12.5, '00:00:01:00'],
  [25, 12.5, '00:00:02:00'],
])('frame %i at %d a second is %s', (frame, fps, expected) => {
  expect(timecode(frame, fps)).toBe(expected);
});

test('every frame has a timecode of its own, in order', () => {
  const rate = fc.oneof(
    fc.constantFrom(24, 25, 30, 50, 60, NTSC, DOUBLE, 24_000 / 1001, 12.5, 15.015),
    fc.double({ min: 1, max: 99, noNaN: true }),
  );
  fc.assert(
    fc.property(rate, fc.nat(300_000), (fps, frame) => {
      expect(timecode(frame + 1, fps) > timecode(frame, fps)).toBe(true);
    }),
  );
});

test('drop-frame timecodes keep up with the clock', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (frame) => {
      const [hours = 0, minutes = 0, seconds = 0, frames = 0] = timecode(frame, NTSC)
        .split(/[:;]/)
        .map(Number);
      const told = hours * 3600 + minutes * 60 + seconds + frames / 30;
      expect(Math.abs(told - frame / NTSC)).toBeLessThan(0.1 + hours * 0.005);
    }),
  );
});
