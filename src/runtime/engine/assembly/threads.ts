// Several threads on one list of calls. Chunks are taken in their order by whoever is free; each names how many must be done before it.
import { perform } from './perform';

// Words that all threads share, each on a cache line of its own, below every other address that is in use (`../kernel.ts`).
/** Chunks that nobody has taken; it may fall below 0. */
const LEFT: usize = 64;
/** Chunks that are done. */
const DONE: usize = 128;
/** Threads that sleep until more are done. */
const WAITING: usize = 192;
/** Counts the lists. */
const TURN: usize = 256;
/** Helpers that sleep until there is another list. */
const SLEEPING: usize = 320;
/** The list under way: the address of its chunks, and how many there are. They may be read by whoever has taken a chunk. */
const CHUNKS: usize = 384;
const COUNT: usize = 388;
/** Where the threads lay out windows: the first one's address, and the bytes of each. */
const WINDOWS: usize = 392;
const WINDOW_BYTES: usize = 396;

/** Bytes of a chunk: the chunks that must be done before it, then the addresses of its calls' begin and end. */
const CHUNK: usize = 12;

/** How often a thread looks before it sleeps: some 50 µs for others' chunks, 300 µs for another list. */
const LOOKS: i32 = 5000;
const IDLE_LOOKS: i32 = 30000;

const FOREVER: i64 = -1;

/** Waits until `count` chunks are done. Returns whether they are; else the time is up. */
function awaitDone(count: i32, timeoutNs: i64): bool {
  for (let i = 0; i < LOOKS; i++) if (atomic.load<i32>(DONE) >= count) return true;
  let isDone = true;
  atomic.add<i32>(WAITING, 1);
  for (;;) {
    const done = atomic.load<i32>(DONE);
    if (done >= count) break;
    if (atomic.wait<i32>(DONE, done, timeoutNs) == AtomicWaitResult.TIMED_OUT) {
      isDone = atomic.load<i32>(DONE) >= count;
      break;
    }
  }
  atomic.sub<i32>(WAITING, 1);
  return isDone;
}

/** Does chunks until none is left to take. Returns whether all that was waited for came. */
function work(thread: u32, timeoutNs: i64): bool {
  while (atomic.load<i32>(LEFT) > 0) {
    const left = atomic.sub<i32>(LEFT, 1);
    if (left <= 0) break;
    const chunk = <usize>load<u32>(CHUNKS) + <usize>(load<i32>(COUNT) - left) * CHUNK;
    if (!awaitDone(load<i32>(chunk), timeoutNs)) return false;
    perform(load<u32>(chunk, 4), load<u32>(chunk, 8), load<u32>(WINDOWS) + thread * load<u32>(WINDOW_BYTES));
    atomic.add<i32>(DONE, 1);
    if (atomic.load<i32>(WAITING) > 0) atomic.notify(DONE, -1);
  }
  return true;
}

/**
 * Does `count` chunks together with the helpers, as the first thread. Returns 0 if nobody has done any for
 * `timeoutMs`: then a helper is lost, and it may still write.
 */
export function share(chunks: u32, count: i32, windows: u32, windowBytes: u32, timeoutMs: i32): i32 {
  const timeoutNs = <i64>timeoutMs * 1_000_000;
  store<u32>(CHUNKS, chunks);
  store<i32>(COUNT, count);
  store<u32>(WINDOWS, windows);
  store<u32>(WINDOW_BYTES, windowBytes);
  atomic.store<i32>(DONE, 0);
  atomic.store<i32>(LEFT, count);
  atomic.add<i32>(TURN, 1);
  if (atomic.load<i32>(SLEEPING) > 0) atomic.notify(TURN, -1);
  return work(0, timeoutNs) && awaitDone(count, timeoutNs) ? 1 : 0;
}

/** Works as thread number `thread` until the worker is ended; it never returns. */
export function help(thread: u32): void {
  for (;;) {
    const turn = atomic.load<i32>(TURN);
    work(thread, FOREVER);
    for (let i = 0; i < IDLE_LOOKS && atomic.load<i32>(TURN) == turn; i++);
    atomic.add<i32>(SLEEPING, 1);
    atomic.wait<i32>(TURN, turn, FOREVER);
    atomic.sub<i32>(SLEEPING, 1);
  }
}
