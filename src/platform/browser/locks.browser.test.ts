import { afterEach, expect, test, vi } from 'vitest';
import { withLock } from './locks.ts';

afterEach(() => vi.restoreAllMocks());

const lock = (): string => `test-${Math.random().toString(36).slice(2)}`;

/** Takes a lock from whoever holds it, and gives it back. */
const steal = (name: string): Promise<void> => navigator.locks.request(name, { steal: true }, async () => {});

test('work hears when its lock is stolen, and is waited for', async () => {
  const name = lock();
  const heard = vi.fn();
  const done = await withLock(name, async (isFree, stolen) => {
    stolen.addEventListener('abort', heard);
    expect(isFree).toBe(true);
    await steal(name);
    await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce());
    return 'done';
  });
  expect(done).toBe('done');
});

test('what work throws is told, whether its lock was stolen or not', async () => {
  const name = lock();
  const failing = withLock(name, () => Promise.reject(new Error('mine')));
  await expect(failing).rejects.toThrow('mine');
  const stolen = withLock(name, async () => {
    await steal(name);
    throw new Error('mine, too');
  });
  await expect(stolen).rejects.toThrow('mine, too');
});

test('a lock that is held is not free; where there are none, or they are refused, every one is', async () => {
  const name = lock();
  await withLock(name, async () => {
    expect(await withLock(name, async (isFree) => isFree)).toBe(false);
  });
  const refuse = vi.spyOn(LockManager.prototype, 'request').mockRejectedValue(new DOMException('no'));
  expect(await withLock(name, async (isFree, { aborted }) => [isFree, aborted])).toEqual([true, false]);
  refuse.mockRestore();
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never);
  expect(await withLock(name, async (isFree, { aborted }) => [isFree, aborted])).toEqual([true, false]);
});
