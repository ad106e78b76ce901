import { expose } from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Endpoint, WorkerStart, WorkerThread } from '../platform/port.ts';
import type { VisionInfo, WireResult } from './contract.ts';
import { type PoolSize, VisionPool } from './vision-pool.ts';

/** A worker as the pool's host starts it: it answers a call when the test says so. */
interface FakeWorker {
  readonly thread: WorkerThread;
  /** What the calls that it was given ask for, those that are answered too. */
  readonly given: string[];
  /** Answers the first call that waits. */
  answer(): void;
  /** As a crash would end it. */
  die(): void;
}

/** Starts workers over real message ports. `broken` ones, by their number, do not open. */
function fakeHost(broken: readonly number[] = [], backend: 'wasm' | 'webgpu' = 'wasm') {
  const workers: FakeWorker[] = [];
  const open: MessagePort[] = [];
  const start = ({ onEnded }: WorkerStart): WorkerThread => {
    const no = workers.length;
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    const given: string[] = [];
    const waiting: (() => void)[] = [];
    const ok = <T>(value: T): WireResult<T> => ({ ok: true, value });
    expose(
      {
        open: async () =>
          broken.includes(no)
            ? { ok: false, error: { code: 'MODEL_LOAD_FAILED', message: 'no model', details: {} } }
            : ok({ backend } as VisionInfo),
        analyse: (_callId: number, images: readonly unknown[]) => {
          given.push(String(images[0]));
          return new Promise((resolve) => waiting.push(() => resolve(ok(no))));
        },
        abort: () => undefined,
      },
      port2,
    );
    const close = (): void => [port1, port2].forEach((port) => port.close());
    const thread = { endpoint: port1 as unknown as Endpoint, lingerMs: 0, end: close };
    const die = (): void => (close(), onEnded());
    workers.push({ thread, given, answer: () => waiting.shift()?.(), die });
    return thread;
  };
  const close = (): void => open.forEach((port) => port.close());
  return { workers, start, close };
}

let ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending) await end();
  ending = [];
});

function poolOf(size: PoolSize, ...host: Parameters<typeof fakeHost>) {
  const { workers, start, close } = fakeHost(...host);
  const pool = new VisionPool(
    {
      ...{ script: 'vision', assets: '', start },
      open: (remote, callId, report) => remote.open(callId, {} as never, report),
    },
    size,
  );
  ending.push(() => pool.dispose(), close);
  /** Answers the number of the worker that looked at the photo. */
  const look = (photo: string, signal?: AbortSignal): Promise<unknown> =>
    pool.call((remote, callId) => remote.analyse(callId, [photo] as never, {} as never) as never, { signal });
  /** What each worker was given so far. */
  const given = (): string[][] => workers.map((worker) => [...worker.given]);
  const settled = (expected: string[][]): Promise<void> =>
    vi.waitFor(() => expect(given()).toEqual(expected));
  return { pool, workers, look, given, settled };
}

describe('a pool of a fixed size', () => {
  const TWO = { most: 2, isFixed: true };

  it('starts all its workers, and two photos at once are looked at by two', async () => {
    const { pool, workers, look, settled } = poolOf(TWO);
    await pool.open();
    expect(pool.state).toEqual({ running: 2, most: 2, waiting: 0 });
    const both = [look('a'), look('b')];
    await settled([['a'], ['b']]);
    // The second is done first: neither waits for the other.
    workers[1]!.answer();
    expect(await both[1]).toBe(1);
    workers[0]!.answer();
    expect(await both[0]).toBe(0);
  });

  it('lets photos wait in one queue: the next goes to whoever is done first', async () => {
    const { pool, workers, look, settled } = poolOf(TWO);
    await pool.open();
    const photos = ['a', 'b', 'c', 'd', 'e', 'f'].map((photo) => look(photo));
    await settled([
      ['a', 'c'],
      ['b', 'd'],
    ]);
    expect(pool.state.waiting).toBe(2);
    workers[1]!.answer();
    await photos[1];
    workers[1]!.answer();
    await photos[3];
    await settled([
      ['a', 'c'],
      ['b', 'd', 'e', 'f'],
    ]);
    expect(pool.state.waiting).toBe(0);
    for (const worker of workers) for (let i = 0; i < 2; i++) worker.answer();
    expect(await Promise.all(photos)).toEqual([0, 1, 0, 1, 1, 1]);
  });

  it('loses with a worker that dies what that was given, and starts another for what comes', async () => {
    const { pool, workers, look, settled } = poolOf(TWO);
    await pool.open();
    const photos = ['a', 'b', 'c', 'd', 'e'].map((photo) => look(photo).catch((error: unknown) => error));
    await settled([
      ['a', 'c'],
      ['b', 'd'],
    ]);
    workers[0]!.die();
    for (const lost of [photos[0], photos[2]]) expect(await lost).toMatchObject({ code: 'WORKER_DIED' });
    workers[1]!.answer();
    expect(await photos[1]).toBe(1);
    // What waited is looked at by those that live, of which there are two again.
    await vi.waitFor(() => expect(pool.state.running).toBe(2));
    const more = look('f');
    await vi.waitFor(() => expect(workers.map(({ given }) => given.length)).toEqual([2, 3, 1]));
    for (const worker of workers) for (let i = 0; i < 3; i++) worker.answer();
    expect(await Promise.all([photos[3], photos[4], more])).toEqual([1, 1, 2]);
  });

  it('forgets a photo that is aborted while it waits', async () => {
    const { pool, workers, look, settled } = poolOf({ most: 1, isFixed: true });
    await pool.open();
    const stop = new AbortController();
    const [first, second, third] = [look('a'), look('b'), look('c', stop.signal)];
    const fourth = look('d');
    expect(pool.state.waiting).toBe(2);
    stop.abort();
    await expect(third).rejects.toMatchObject({ code: 'ABORTED' });
    await settled([['a', 'b']]);
    workers[0]!.answer();
    await first;
    await settled([['a', 'b', 'd']]);
    for (let i = 0; i < 2; i++) workers[0]!.answer();
    expect(await Promise.all([second, fourth])).toEqual([0, 0]);
  });

  it('rejects all that is pending when it is disposed of, and what comes later', async () => {
    const { pool, look } = poolOf(TWO);
    await pool.open();
    const photos = ['a', 'b', 'c', 'd', 'e', 'f'].map((photo) =>
      look(photo).catch((error: unknown) => error),
    );
    await pool.dispose();
    for (const photo of [...photos, look('g').catch((error: unknown) => error)])
      expect(await photo).toMatchObject({ code: 'DISPOSED' });
  });

  it('does not open where one of its workers does not', async () => {
    const { pool } = poolOf(TWO, [1]);
    await expect(pool.open()).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
  });
});

describe('a pool that grows', () => {
  const GROWS = { most: 2, isFixed: false };

  it('has one worker until photos wait', async () => {
    const { pool, workers, look } = poolOf(GROWS);
    await pool.open();
    for (const photo of ['a', 'b']) {
      const looked = look(photo);
      await vi.waitFor(() => expect(workers[0]!.given).toContain(photo));
      workers[0]!.answer();
      await looked;
    }
    expect(workers).toHaveLength(1);
    const photos = ['c', 'd', 'e'].map((photo) => look(photo));
    await vi.waitFor(() => expect(workers[1]?.given).toEqual(['e']));
    expect(workers[0]!.given).toEqual(['a', 'b', 'c', 'd']);
    for (const worker of workers) for (let i = 0; i < 2; i++) worker.answer();
    expect(await Promise.all(photos)).toEqual([0, 0, 1]);
  });

  it('goes on with those it has where another cannot be started', async () => {
    const { pool, workers, look } = poolOf(GROWS, [1]);
    await pool.open();
    const photos = ['a', 'b', 'c'].map((photo) => look(photo));
    await vi.waitFor(() => expect(workers).toHaveLength(2));
    for (const [i, photo] of photos.entries()) {
      await vi.waitFor(() => expect(workers[0]!.given.length).toBeGreaterThan(i));
      workers[0]!.answer();
      expect(await photo).toBe(0);
    }
    expect(workers).toHaveLength(2);
  });

  it('stays at one worker on a GPU', async () => {
    const { pool, look } = poolOf(GROWS, [], 'webgpu');
    await pool.open();
    const photos = ['a', 'b', 'c'].map((photo) => look(photo).catch(() => undefined));
    expect(pool.state).toEqual({ running: 1, most: 1, waiting: 1 });
    await pool.dispose();
    await Promise.all(photos);
  });
});

describe('videos', () => {
  it('are shared out, and one that has ended counts no more', () => {
    const { pool } = poolOf({ most: 2, isFixed: false });
    const [a, b, c] = [{}, {}, {}];
    const first = pool.workerFor(a, 0);
    const second = pool.workerFor(b, 0);
    expect(second).not.toBe(first);
    second.tookFrame(b, 15_000);
    expect(pool.workerFor(c, 15_001)).toBe(first);
  });
});
