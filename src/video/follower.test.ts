import { describe, expect, test } from 'vitest';
import type { FrameFace } from '../core/frames.ts';
import type { Face } from '../core/types.ts';
import type { FollowOptions } from './follow-options.ts';
import { Follower } from './follower.ts';
import type { TrackMatch } from './events.ts';
import type { Identify, Stages } from './stages.ts';
import { DEFAULT_TRACKER } from './tracker-options.ts';

const OPTIONS: FollowOptions = {
  tracker: DEFAULT_TRACKER,
  ...{ motionThreshold: 0.002, motionScale: 0.3, live: false, realtime: false, boxScale: 1, startTime: 0 },
  ...{ minShotScore: 0.3, scoreStep: 0.05, delayMs: 0, refreshMs: 0, photo: false, aligned: false },
  details: { landmarks: false, mesh: false, attributes: [], liveness: false },
};

const FACE: FrameFace = { box: { left: 20, top: 20, width: 40, height: 50 }, score: 0.9 };

/** A frame: its faces, and a grey that changes where something moves. */
interface Picture {
  readonly faces: readonly FrameFace[];
  readonly grey: number;
}

/** Stages that see what a picture says. */
const stages: Stages<Picture> = {
  take: ({ faces, grey }) =>
    Promise.resolve({
      ...{ width: 128, height: 96, giveBack: () => undefined },
      grey: {
        ...{ width: 64, height: 48 },
        data: Uint8Array.from({ length: 64 * 48 }, (_, i) => (i % 64 < 32 ? 3 * (i % 32) : grey)),
      },
      find: ({ at }) => Promise.resolve(at === 'all' || at.length > 0 ? faces : []),
      measure: (found) => Promise.resolve(found.map(({ box }) => ({ face: faceAt(box), pictures: {} }))),
    }),
};

function faceAt(position: Face['position']): Face {
  return { position, score: 0.9, embedding: Float32Array.of(1, 0), modelId: 'm', reliability: 1 };
}

test.each([3, 4, 5, 9])(
  'a face that shows up after %i frames in which nothing moved is seen at once',
  async (still) => {
    const follower = new Follower(stages, OPTIONS, undefined);
    const pictures: Picture[] = [
      ...Array.from({ length: 1 + still }, () => ({ faces: [], grey: 40 })),
      { faces: [FACE], grey: 160 },
      { faces: [FACE], grey: 90 },
      { faces: [FACE], grey: 200 },
    ];
    const events = [];
    for (const [index, image] of pictures.entries())
      events.push(
        ...(await follower.see({
          ...{ index, timeMs: 40 * index, width: 128, height: 96, image, close: () => undefined },
        })),
      );
    expect(events).toMatchObject([{ type: 'appeared', frameIndex: 1 + still }]);
    expect(follower.counts).toMatchObject({ still, processed: pictures.length });
  },
);

test('a region of which nothing is left when the source has another size shows nobody, until it lies in the picture again', async () => {
  let width = 128;
  const resizing: Stages<Picture> = {
    take: async (image, how) => ({ ...(await stages.take(image, how)), width }),
  };
  const region = { left: 10, top: 10, width: 70, height: 80 };
  for (const name of ['rot', 'roi'] as const) {
    width = 128;
    const options = { ...OPTIONS, motionThreshold: 0, [name]: { ...region, left: 5, width: 100 } };
    const follower = new Follower(resizing, options, undefined);
    const away = { ...options, [name]: { ...region, left: 128 } };
    const see = (of: Follower<Picture>, index: number) => {
      const image = { faces: [FACE], grey: 40 + 20 * (index % 4) };
      return of.see({
        ...{ index, timeMs: 40 * index, width, height: 96, image, close: () => undefined },
      });
    };
    await expect(see(new Follower(resizing, away, undefined), 0)).rejects.toMatchObject({
      code: 'BAD_PARAM',
      message: expect.stringContaining(`options.${name}`) as string,
    });
    for (const index of [0, 1, 2]) await see(follower, index);
    expect(follower.faces).toHaveLength(1);
    // Of 4 pixels nothing lies right of the fifth.
    width = 4;
    for (const index of [3, 4, 5]) await see(follower, index);
    width = 128;
    for (const index of [6, 7, 8]) await see(follower, index);
    expect(follower.faces).toHaveLength(1);
    expect(follower.counts.processed).toBe(9);
  }
});

test('a live source that stands still is looked at ten times a second, until something moves', async () => {
  const taken: number[] = [];
  let closed = 0;
  const watched: Stages<Picture> = {
    take: (image, how) => (taken.push(image.grey), stages.take(image, how)),
  };
  const follower = new Follower(watched, { ...OPTIONS, live: true }, undefined);
  const frames = 100;
  const seeAll = async (from: number, count: number, greyAt: (i: number) => number): Promise<void> => {
    for (let index = from; index < from + count; index++) {
      const close = (): number => closed++;
      const image = { faces: [], grey: greyAt(index) };
      await follower.see({ ...{ index, timeMs: 40 * index, width: 128, height: 96 }, image, close });
    }
  };
  await seeAll(0, frames, () => 40);
  // All up to a second after the second search, and every third frame from then on.
  expect(taken).toHaveLength(28 + 24);
  expect(closed).toBe(frames - taken.length);
  expect(follower.counts).toMatchObject({ processed: frames, still: frames - 4 });
  await seeAll(frames, 3, (i) => 200 - 100 * (i % 2));
  expect(taken.slice(-1)[0]).toBeGreaterThan(40);
  const before = taken.length;
  await seeAll(frames + 3, 10, (i) => 200 - 100 * (i % 2));
  expect(taken.length - before).toBe(10);
});

describe('who a track is', () => {
  /** A face that looks the other way, so to say, from its third frame on. */
  const turning: Stages<Picture> = {
    async take(picture, how) {
      const held = await stages.take(picture, how);
      const embedding = picture.grey < 100 ? Float32Array.of(1, 0) : Float32Array.of(0, 1);
      return {
        ...held,
        measure: (found) =>
          Promise.resolve(found.map(({ box }) => ({ face: { ...faceAt(box), embedding }, pictures: {} }))),
      };
    },
  };
  const match = { record: { id: 'a' } as TrackMatch['record'], cosine: 0.6, distance: 0.9, confidence: 0.8 };
  const pictures = [40, 60, 80, 160, 180, 200, 220].map((grey): Picture => ({ faces: [FACE], grey }));

  async function told(identify: Identify): Promise<{ types: string[]; names: (string | undefined)[] }> {
    const follower = new Follower(turning, OPTIONS, identify);
    const events = [];
    for (const [index, image] of pictures.entries())
      events.push(
        ...(await follower.see({
          ...{ index, timeMs: 40 * index, width: 128, height: 96, image, close: () => undefined },
        })),
      );
    events.push(...(await follower.end()));
    const names = events.flatMap((event) =>
      event.type === 'lost' ? event.matches.map(({ record }) => record.id) : [],
    );
    return { types: events.map(({ type }) => type), names };
  }

  test('is asked once more when it ends, by all that was seen of it', async () => {
    let asked = 0;
    const { types, names } = await told(({ embedding }) => {
      asked++;
      return Promise.resolve(embedding[1]! > 0.4 ? [match] : []);
    });
    expect(asked).toBe(2);
    expect(types).toEqual(['appeared', 'identified', 'updated', 'lost']);
    expect(names).toEqual(['a']);
  });

  test('stays as it was told where it cannot be asked any more', async () => {
    let asked = 0;
    const { types, names } = await told(() =>
      asked++ > 0 ? Promise.reject(new Error('no gallery')) : Promise.resolve([match]),
    );
    expect(types).toEqual(['appeared', 'identified', 'lost']);
    expect(names).toEqual(['a']);
  });
});

test('a face of which half lies beyond the edge is trusted a quarter as much', async () => {
  const meanOf = async (left: number): Promise<number | undefined> => {
    const face = { ...FACE, box: { ...FACE.box, left } };
    const seen = new Follower(stages, OPTIONS, () => Promise.resolve([]));
    for (let index = 0; index < 8; index++) {
      const image = { faces: [face], grey: 40 + 10 * (index % 2) };
      const close = (): undefined => undefined;
      await seen.see({ ...{ index, timeMs: 40 * index, width: 128, height: 96 }, image, close });
    }
    const [lost] = (await seen.end()).filter((event) => event.type === 'lost');
    return lost?.mean?.reliability;
  };
  expect(await meanOf(20)).toBe(1);
  expect(await meanOf(-20)).toBeCloseTo(0.25, 9);
  expect(await meanOf(108)).toBeCloseTo(0.25, 9);
});

test('of a live scene that stands still from the start, every face has its shot', async () => {
  const boxes = [0, 1, 2].map((i) => ({ left: 5 + 40 * i, top: 20, width: 30, height: 40 }));
  const faces = boxes.map((box): FrameFace => ({ box, score: 0.9 }));
  const measured: number[] = [];
  const counting: Stages<Picture> = {
    async take(picture, how) {
      const held = await stages.take(picture, how);
      const embedding = (left: number): Float32Array<ArrayBuffer> =>
        Float32Array.from({ length: 3 }, (_, i) => (Math.round((left - 5) / 40) === i ? 1 : 0));
      return {
        ...held,
        measure: (found) => {
          measured.push(...found.map(({ box }) => box.left));
          const face = (box: FrameFace['box']): Face => ({ ...faceAt(box), embedding: embedding(box.left) });
          return Promise.resolve(found.map(({ box }) => ({ face: face(box), pictures: {} })));
        },
      };
    },
  };
  const follower = new Follower(counting, { ...OPTIONS, live: true }, undefined);
  for (let index = 0; index < 20; index++) {
    const image = { faces, grey: 40 };
    const close = (): undefined => undefined;
    await follower.see({ ...{ index, timeMs: 40 * index, width: 128, height: 96 }, image, close });
  }
  expect(new Set(measured)).toEqual(new Set([5, 45, 85]));
  expect(follower.counts.still).toBeGreaterThan(10);
});

test('of a live scene that stands still, who was missed at first is found by a second search', async () => {
  let searches = 0;
  const late: Stages<Picture> = {
    async take(picture, how) {
      const held = await stages.take(picture, how);
      return {
        ...held,
        find: ({ at }) => {
          if (at === 'all') searches++;
          return Promise.resolve(searches > 1 ? [FACE] : []);
        },
      };
    },
  };
  const follower = new Follower(late, { ...OPTIONS, live: true }, undefined);
  const events = [];
  for (let index = 0; index < 20; index++) {
    const close = (): undefined => undefined;
    const image = { faces: [], grey: 40 };
    events.push(
      ...(await follower.see({ ...{ index, timeMs: 40 * index, width: 128, height: 96 }, image, close })),
    );
  }
  expect(events.map(({ type }) => type)).toContain('appeared');
  expect(searches).toBe(2);
});
