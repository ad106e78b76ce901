import { expect, test } from 'vitest';
import type { Stages } from '../video/stages.ts';
import { Follower } from '../video/follower.ts';
import { Recogniser, type SeenAppearance } from '../video/recogniser.ts';
import { type TestPicture, testStages, type TestVideo, videoSource } from './test-scene.ts';
import { FOLLOW } from './test-session.ts';

/** Faces that can be told from nobody. */
const blurred: Stages<TestPicture> = {
  async take(image, how) {
    const held = await testStages(() => undefined).take(image, how);
    return {
      ...held,
      measure: async (faces, wanted) =>
        (await held.measure(faces, wanted)).map((one) => ({
          ...one,
          face: { ...one.face, reliability: 0.3 },
        })),
    };
  },
};

test('an appearance has its place in every frame, also where it is not yet told who it may be', async () => {
  const start = [120, 150] as const;
  const walkers = [
    { person: 1, from: 0, to: 30, start, end: start },
    { person: 2, from: 40, to: 75, start: [450, 150], end: [480, 160] },
  ] as const;
  const video: TestVideo = { frames: 80, walkers };
  const recogniser = new Recogniser(new Follower(blurred, FOLLOW, undefined));
  const source = videoSource(video, () => undefined);
  const left: SeenAppearance[] = [];
  for (let frame = await source.next(); frame; frame = await source.next())
    left.push(...(await recogniser.see(frame)));
  left.push(...(await recogniser.end()));
  expect(left.map(({ frameStart, frameEnd }) => [frameStart, frameEnd])).toEqual([
    [0, 30],
    [41, 75],
  ]);
  for (const { frames, frameStart, frameEnd } of left)
    expect([...frames]).toEqual(Array.from({ length: frameEnd - frameStart + 1 }, (_, i) => frameStart + i));
});
