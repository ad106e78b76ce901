import { describe, expect, test } from 'vitest';
import type { GreyImage } from '../core/frames.ts';
import { type Motion, startMotion, stepMotion } from './motion.ts';

const [WIDTH, HEIGHT] = [192, 144];

/** Random numbers that are the same in every run. */
function noise(seed: number): (i: number) => number {
  return (i) => {
    let t = (Math.imul(seed + 1, 0x9e3779b1) + Math.imul(i + 1, 0x6d2b79f5)) >>> 0;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A scene of soft blots; its light, what moved, and the camera's place in it. */
function scene(
  seed: number,
  { x = 0, y = 0, zoom = 1, light = 0, grain = 0, blot = undefined as number | undefined } = {},
): GreyImage {
  const random = noise(seed);
  const blots = Array.from({ length: 40 }, (_, i) => ({
    x: (random(5 * i) - 0.25) * 2 * WIDTH,
    y: (random(5 * i + 1) - 0.25) * 2 * HEIGHT,
    size: 8 + 40 * random(5 * i + 2),
    grey: 160 * random(5 * i + 3) - 80,
  }));
  const sensor = noise(seed + 1000 + Math.round(1e6 * grain));
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const px = (column - WIDTH / 2) / zoom + WIDTH / 2 + x;
      const py = (row - HEIGHT / 2) / zoom + HEIGHT / 2 + y;
      let value = 120 + light;
      for (const one of blots) {
        const d = ((px - one.x) ** 2 + (py - one.y) ** 2) / one.size ** 2;
        if (d < 4) value += one.grey * Math.exp(-d);
      }
      if (blot !== undefined && Math.abs(column - blot) < 10 && Math.abs(row - 70) < 12) value = 230;
      if (grain > 0) value += 12 * (sensor(row * WIDTH + column) - 0.5);
      data[row * WIDTH + column] = Math.min(255, Math.max(0, value));
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

function run(frames: readonly GreyImage[], motionThreshold = 0.002): Motion[] {
  let state = startMotion();
  return frames.map((frame) => {
    const [next, motion] = stepMotion(state, frame, { motionThreshold });
    state = next;
    return motion;
  });
}

const still = { moved: false, cut: false };

describe('motion', () => {
  test('the first frame has moved; a still scene has not, whatever the sensor and the light do', () => {
    const frames = [0, 1, 2, 3, 4].map((i) => scene(1, { grain: 1 + i / 100, light: 3 * i }));
    expect(run(frames)).toEqual([{ moved: true, cut: false }, still, still, still, still]);
  });

  test('a face that moves a little is motion; what creeps adds up', () => {
    const [, ...moved] = run([40, 43, 46, 49].map((blot) => scene(1, { blot })));
    expect(moved.every((motion) => motion.moved && !motion.cut)).toBe(true);
    const creeping = run(
      Array.from({ length: 12 }, (_, i) => scene(1, { blot: 40 + i / 4 })),
      0.004,
    );
    expect(creeping.slice(1).filter(({ moved: creeps }) => creeps).length).toBeGreaterThan(0);
  });

  test('nothing is below a threshold of 0', () => {
    expect(run([scene(1), scene(1)], 0)).toEqual([
      { moved: true, cut: false },
      { moved: true, cut: false },
    ]);
  });

  test('the share of pixels is what the threshold says', () => {
    // The blot leaves a place of 19 × 23 pixels and covers another: 3 % of the picture.
    const frames = [scene(1, { blot: 40 }), scene(1, { blot: 120 })];
    expect(run(frames, 0.05)[1]).toEqual(still);
    expect(run(frames, 0.02)[1]).toEqual({ moved: true, cut: false });
  });
});

describe('cuts', () => {
  test.each([1, 2, 3, 4, 5, 6])('to another scene, from %i', (seed) => {
    const before = [0, 1, 2].map((i) => scene(seed, { grain: 1 + i }));
    const after = [0, 1, 2].map((i) => scene(seed + 50, { grain: 1 + i }));
    const cuts = run([...before, ...after]).map(({ cut }) => cut);
    expect(cuts).toEqual([false, false, false, true, false, false]);
  });

  test('also while the camera pans', () => {
    const before = [0, 1, 2, 3, 4].map((i) => scene(1, { x: 9 * i }));
    const after = [0, 1, 2].map((i) => scene(70, { x: 9 * i }));
    expect(run([...before, ...after]).map(({ cut }) => cut)).toEqual([
      ...[false, false, false, false, false],
      ...[true, false, false],
    ]);
  });

  test('fine texture that moves by part of a cell is none', () => {
    const random = noise(9);
    const texture = Array.from({ length: 320 * 240 }, (_, i) => 255 * random(i));
    const view = (x: number): GreyImage => ({
      ...{ width: WIDTH, height: HEIGHT },
      data: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
        const at = Math.floor(i / WIDTH) * 320 + (i % WIDTH) + x;
        return (texture[at]! + texture[at + 1]! + texture[at + 320]! + texture[at + 321]!) / 4;
      }),
    });
    const frames = [0, 3, 6, 9, 6, 3].map(view);
    expect(run(frames).map(({ cut }) => cut)).toEqual(frames.map(() => false));
  });

  test.each([
    ['a fast pan', [0, 1, 2, 3, 4, 5].map((i) => scene(2, { x: 24 * i, y: 5 * i }))],
    ['a zoom', [0, 1, 2, 3, 4, 5].map((i) => scene(2, { zoom: 1 + 0.08 * i }))],
    ['a lamp that is switched on', [0, 0, 0, 70, 70, 70].map((light) => scene(2, { light }))],
    ['somebody who passes', [20, 50, 80, 110, 140, 170].map((blot) => scene(2, { blot }))],
  ])('%s is none', (_, frames) => {
    expect(run(frames).map(({ cut }) => cut)).toEqual(frames.map(() => false));
  });

  test('heads that change before a dull wall are none, however much they say of the picture', () => {
    const wall = scene(3);
    const view = (greys: readonly number[]): GreyImage => ({
      ...wall,
      data: wall.data.map((value, i) => {
        const [row, column] = [Math.floor(i / WIDTH), i % WIDTH];
        const head = greys.findIndex((_, k) => Math.hypot(column - 36 - 60 * k, (row - 70) / 1.3) < 15);
        return head < 0 ? 110 + (value - 120) / 6 : greys[head]!;
      }),
    });
    const frames = [view([230, 20, 220]), view([230, 20, 220]), view([20, 230, 30]), view([20, 230, 30])];
    expect(run(frames).map(({ cut }) => cut)).toEqual([false, false, false, false]);
  });

  test('another size is one', () => {
    const small = { width: 96, height: 72, data: new Uint8Array(96 * 72) };
    expect(run([scene(1), small])[1]).toEqual({ moved: true, cut: true });
  });

  test('to darkness and back, but not a wall whose light changes', () => {
    const flat = (grey: number): GreyImage => ({
      ...{ width: WIDTH, height: HEIGHT },
      data: new Uint8Array(WIDTH * HEIGHT).fill(grey),
    });
    expect(run([scene(1), flat(2), flat(2), scene(1)]).map(({ cut }) => cut)).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(run([flat(100), flat(110), flat(120)]).map(({ cut }) => cut)).toEqual([false, false, false]);
  });
});
