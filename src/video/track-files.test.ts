import { expect, test } from 'vitest';
import type { FrameFace } from '../core/frames.ts';
import type { Face } from '../core/types.ts';
import type { FollowOptions } from './follow-options.ts';
import type { HeldFrame } from './stages.ts';
import { TrackFiles } from './track-files.ts';
import type { TrackEvent } from './track-events.ts';
import { DEFAULT_TRACKER } from './tracker-options.ts';

const OPTIONS: FollowOptions = {
  tracker: DEFAULT_TRACKER,
  ...{ motionThreshold: 0.002, motionScale: 0.3, live: false, realtime: false, boxScale: 1, startTime: 0 },
  ...{ minShotScore: 0, scoreStep: 0.05, delayMs: 0, refreshMs: 0, photo: false, aligned: false },
  details: { landmarks: false, mesh: false, attributes: [], liveness: false },
};
const PARTS = ['leftEyeBrow', 'rightEyeBrow', 'leftEye', 'rightEye', 'nose', 'mouth', 'faceContour', 'total'];

const faceAt = (left: number): FrameFace => ({ box: { left, top: 0, width: 80, height: 80 }, score: 0.9 });

/** A frame in which faces are as sharp, and turned, as is said. */
function frame(sharpness: (left: number) => number, roll = 0): HeldFrame {
  const measured = ({ box }: FrameFace): Face =>
    ({
      ...{ position: box, score: 0.9, modelId: 'm', reliability: 1, embedding: Float32Array.of(1, 0) },
      angle: { yaw: 0, pitch: 0, roll },
      quality: {
        ...{ brightness: 0, sharpness: sharpness(box.left), mouthClosed: 1, centered: 1, size: 0.2 },
        ...{ integrity: 1, alignment: 1 },
        completeness: Object.fromEntries(PARTS.map((part) => [part, 1])),
      },
    }) as unknown as Face;
  const picture = new Blob();
  return {
    ...{ width: 640, height: 360, giveBack: () => undefined, find: () => Promise.resolve([]) },
    measure: (faces) =>
      Promise.resolve(
        faces.map((face) => ({ face: measured(face), pictures: { crop: picture, thumbnail: picture } })),
      ),
  };
}

const sight = (frameIndex: number, left: number) => ({
  ...{ frameIndex, timeMs: 40 * frameIndex, score: 0.9 },
  box: faceAt(left).box,
});
const appeared = (trackId: number, at: number, left: number): TrackEvent => ({
  ...{ type: 'appeared', trackId, sights: [sight(at, left)] },
});
const lost = (trackId: number, at: number, same?: number): TrackEvent => ({
  ...{ type: 'lost', trackId, first: sight(at, 0), last: sight(at, 0), reason: same ? 'same' : 'left' },
  ...(same !== undefined && { same }),
});
const nobody = (): undefined => undefined;
const LOOK = { learn: nobody, leisure: 'any' } as const;

test('what a track showed that was an older one all the time is the best of that', async () => {
  const files = new TrackFiles(OPTIONS, undefined);
  files.hear([appeared(1, 0, 0), appeared(2, 0, 300)], nobody);
  const seen = [0, 300].map((left, i) => ({ trackId: i + 1, face: faceAt(left) }));
  const held = frame((left) => (left > 0 ? 0.9 : 0.4));
  await files.look(held, seen, { index: 0, timeMs: 0 }, LOOK, undefined);
  files.hear([lost(2, 5, 1)], nobody);
  files.hear([lost(1, 9)], nobody);
  const told = files.takeEvents().slice(2);
  expect(told).toMatchObject([
    { type: 'lost', trackId: 2, same: 1, best: { box: { left: 300 } } },
    { type: 'best-shot', trackId: 1, box: { left: 300 } },
    { type: 'lost', trackId: 1, best: { box: { left: 300 } } },
  ]);
  expect(files.takeEvents()).toEqual([]);
});

test.each([
  [undefined, true],
  [90, false],
])('a face upside down, where at most %s degrees of roll are reported', async (maxRoll, isReported) => {
  const files = new TrackFiles({ ...OPTIONS, ...(maxRoll !== undefined && { maxRoll }) }, undefined);
  files.hear([appeared(1, 0, 0)], nobody);
  const seen = [{ trackId: 1, face: faceAt(0) }];
  await files.look(
    frame(() => 0.9, 170),
    seen,
    { index: 0, timeMs: 0 },
    LOOK,
    undefined,
  );
  files.hear([lost(1, 5)], nobody);
  expect(files.takeEvents().some(({ type }) => type === 'best-shot')).toBe(isReported);
});

test('in what was reported of long ago, in whatever order tracks leave, nobody is found again', async () => {
  const dedupe = { windowMs: 1000, maxDuplicates: 1, maxShiftPx: 1000 };
  const files = new TrackFiles({ ...OPTIONS, dedupe }, undefined);
  files.hear([appeared(1, 0, 0)], nobody);
  const look = (trackId: number, index: number, sharpness: number): Promise<void> =>
    files.look(
      frame(() => sharpness),
      [{ trackId, face: faceAt(0) }],
      { index, timeMs: 40 * index },
      LOOK,
      undefined,
    );
  await look(1, 0, 0.9);
  // Somebody comes and goes while the first one, whose best shot is of the beginning, is still there.
  files.hear([appeared(2, 100, 300)], nobody);
  await look(2, 100, 0.9);
  files.hear([lost(2, 120)], nobody);
  files.hear([lost(1, 200)], nobody);
  const reports = files.takeEvents().filter(({ type }) => type === 'best-shot');
  expect(reports).toMatchObject([{ trackId: 2 }, { trackId: 1 }]);
});

test('live, what a track that was an older one all the time reported need be beaten', async () => {
  const files = new TrackFiles({ ...OPTIONS, live: true, realtime: true }, undefined);
  files.hear([appeared(1, 0, 0), appeared(2, 0, 300)], nobody);
  const look = async (trackId: number, index: number, sharpness: number): Promise<void> => {
    const time = { index, timeMs: 2000 * index };
    await files.look(
      frame(() => sharpness),
      [{ trackId, face: faceAt(0) }],
      time,
      LOOK,
      undefined,
    );
  };
  await look(1, 0, 0.3);
  await look(2, 1, 0.9);
  files.hear([lost(2, 1, 1)], nobody);
  await look(1, 2, 0.6);
  const reports = files.takeEvents().filter(({ type }) => type === 'best-shot');
  expect(reports).toMatchObject([{ trackId: 1 }, { trackId: 2 }]);
});

test('a track that was never within the bounds is told of once a younger one was its face all the time', async () => {
  const files = new TrackFiles(OPTIONS, undefined);
  files.roi = { left: 200, top: 0, width: 400, height: 300 };
  files.hear([appeared(1, 0, 0), appeared(2, 3, 300)], nobody);
  const seen = [{ trackId: 2, face: faceAt(300) }];
  await files.look(
    frame(() => 0.9),
    seen,
    { index: 3, timeMs: 120 },
    LOOK,
    undefined,
  );
  files.hear([lost(2, 5, 1)], nobody);
  files.hear([lost(1, 9)], nobody);
  expect(files.takeEvents()).toMatchObject([
    { type: 'appeared', trackId: 2 },
    { type: 'appeared', trackId: 1 },
    { type: 'lost', trackId: 2, same: 1 },
    { type: 'best-shot', trackId: 1, box: { left: 300 } },
    { type: 'lost', trackId: 1, best: { box: { left: 300 } } },
  ]);
});
