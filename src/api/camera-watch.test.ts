import { expect, test } from 'vitest';
import { NearFaceError } from '../core/errors.ts';
import type { Camera } from '../core/people.ts';
import { type CameraEvent, CameraWatch, resolveWatchAll } from './camera-watch.ts';
import type { Session } from './session.ts';

const session = {} as Session;

/** A watch over cameras that are listed by what is given, call by call; the last goes on. `look` asks again. */
function watched(lists: readonly (readonly Camera[] | NearFaceError)[]): {
  watch: CameraWatch;
  look(): Promise<void>;
} {
  let [asked, listener] = [0, (): void => undefined];
  const list = async (): Promise<readonly Camera[]> => {
    const answer = lists[Math.min(asked++, lists.length - 1)]!;
    if (answer instanceof NearFaceError) throw answer;
    return answer;
  };
  const onChange = (listen: () => void) => {
    listener = listen;
    return () => undefined;
  };
  const watch = new CameraWatch(session, { list, onChange }, resolveWatchAll({}));
  const look = async (): Promise<void> => {
    listener();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { watch, look };
}
const died = new NearFaceError('WORKER_DIED', 'gone');

test('a gallery worker that dies is asked again, and cameras are watched on', async () => {
  const { watch, look } = watched([[], died, [{ id: 'door' }]]);
  await look();
  await look();
  // It has no address: that is told, so it was found.
  expect(await watch[Symbol.asyncIterator]().next()).toMatchObject({
    value: { type: 'camera', change: 'failed', cameraId: 'door' } satisfies Partial<CameraEvent>,
  });
  await watch.stop();
});

test('one that dies again and again ends it, and so does what no other try would change', async () => {
  const dying = watched([died]);
  for (let i = 0; i < 3; i++) await dying.look();
  await expect(dying.watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'WORKER_DIED' });
  const locked = watched([new NearFaceError('LOCKED', 'locked')]);
  await expect(locked.watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'LOCKED' });
});

test('a camera whose source never comes keeps nobody from stopping; one that comes late is let go of', async () => {
  let [closed, give] = [0, (_: { stream: object; stop(): void }): void => undefined];
  const opening = new Promise<{ stream: object; stop(): void }>((resolve) => (give = resolve));
  const host = { openCamera: () => opening };
  const parts = { list: async () => [{ id: 'door', deviceId: 'd' }], onChange: () => () => undefined };
  const watch = new CameraWatch({ host } as unknown as Session, parts, resolveWatchAll({}));
  await new Promise((resolve) => setTimeout(resolve, 10));
  await watch.stop();
  expect(await watch[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  give({ stream: {}, stop: () => void closed++ });
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(closed).toBe(1);
}, 3000);
