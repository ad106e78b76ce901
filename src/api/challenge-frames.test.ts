import { expect, test, vi } from 'vitest';
import type { HostPicture } from '../core/wire-image.ts';
import type { ChallengeEvent } from '../video/challenge/events.ts';
import type { Frame } from '../video/frame-source.ts';
import { ChallengeRun } from './challenge-frames.ts';
import { resolveChallenge } from './resolve-challenge.ts';
import type { Session } from './session.ts';

/** A picture in which there is nobody. */
const NOBODY = {
  ...{ width: 640, height: 480 },
  find: () => Promise.resolve([]),
  measure: () => Promise.resolve([]),
  giveBack: () => undefined,
};
vi.mock('./video-stages.ts', () => ({ videoStages: () => ({ take: () => Promise.resolve(NOBODY) }) }));

function begin(): { readonly run: ChallengeRun; readonly told: readonly ChallengeEvent[] } {
  const told: ChallengeEvent[] = [];
  const run = new ChallengeRun({ host: { pictureToSend: () => undefined } } as unknown as Session, {
    options: resolveChallenge(undefined),
    rules: { steps: ['blink'], waitsMs: [200], stepMs: 8000, wholeMs: 60_000, mistakes: 0 },
    level: { by: 'cosine', cosine: 0.3 },
    tell: (event) => told.push(event),
  });
  return { run, told };
}

const frameAt = (timeMs: number): Frame<HostPicture> =>
  ({ index: 0, timeMs, width: 640, height: 480, close: () => undefined }) as unknown as Frame<HostPicture>;

const never = new AbortController().signal;

test('frames of a camera that was slow to begin have their own times', async () => {
  const { run, told } = begin();
  expect(run.wait(5000)).toBeUndefined();
  await run.see(frameAt(0), never);
  expect(told).toEqual([]);
  await run.see(frameAt(500), never);
  expect(told).toMatchObject([{ type: 'hint', hint: 'no-face', timeMs: 500 }]);
});

test('time goes on from the last frame while none comes', async () => {
  const { run } = begin();
  run.wait(20_000);
  await run.see(frameAt(0), never);
  await run.see(frameAt(30_000), never);
  expect(run.wait(29_999)).toBeUndefined();
  expect(run.wait(30_000)).toMatchObject({ passed: false, reason: 'timeout' });
});
