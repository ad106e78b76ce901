/**
 * Several threads on one list of calls. Chunks are taken in their order by whoever is free; each names how many must be done before it.
 * The threads tell each other by words at the begin of the memory.
 */
import type { EngineExports, PlacedCalls, ThreadRooms } from './placed-calls.ts';

/** Where the words are, in words: each that changes during a list lies on a cache line of its own, and none at address 0. */
const WORDS = {
  /** Chunks that nobody has taken; it may fall below 0. */
  left: 16,
  /** Chunks that are done. */
  done: 32,
  /** Threads that sleep until more are done. */
  waiting: 48,
  /** Counts the lists. */
  turn: 64,
  /** Helpers that sleep until there is another list. */
  sleeping: 80,
  /** The list under way, which may be read by whoever has taken a chunk: the chunks' address, and how many there are. */
  chunks: 96,
  count: 97,
  /** The threads' own rooms: the first one's address, and the bytes of each. */
  rooms: 98,
  roomBytes: 99,
} as const;

/** Bytes of the words, with address 0. The first 64 are always 0, which the kernels rely on. */
export const CREW_BYTES = 512;

/** Bytes of a chunk: see `program.ts`. */
const CHUNK_BYTES = 12;

/** How often a thread looks before it sleeps: for others' chunks, and for another list. */
const LOOKS = 2000;
const IDLE_LOOKS = 10_000;

/** A shared memory's words. */
export function crewWords(memory: WebAssembly.Memory): Int32Array {
  return new Int32Array(memory.buffer, 0, CREW_BYTES / 4);
}

/**
 * Does a list of calls together with the helpers, as the first thread. Returns false if nobody has done any chunk for `timeoutMs`: then a
 * helper is lost, and it may still write.
 */
export function share(
  words: Int32Array,
  exports: EngineExports,
  { chunks, count }: PlacedCalls,
  rooms: ThreadRooms,
  timeoutMs: number,
): boolean {
  words.set([chunks, count, rooms.at, rooms.bytes], WORDS.chunks);
  Atomics.store(words, WORDS.done, 0);
  Atomics.store(words, WORDS.left, count);
  Atomics.add(words, WORDS.turn, 1);
  if (Atomics.load(words, WORDS.sleeping) > 0) Atomics.notify(words, WORDS.turn);
  return work(words, exports, 0, timeoutMs) && awaitDone(words, count, timeoutMs);
}

/** Works as thread number `thread` until the worker is ended. */
export function help(words: Int32Array, exports: EngineExports, thread: number): never {
  for (;;) {
    const turn = Atomics.load(words, WORDS.turn);
    work(words, exports, thread, Infinity);
    for (let i = 0; i < IDLE_LOOKS && Atomics.load(words, WORDS.turn) === turn; i++);
    Atomics.add(words, WORDS.sleeping, 1);
    Atomics.wait(words, WORDS.turn, turn);
    Atomics.sub(words, WORDS.sleeping, 1);
  }
}

/** Does chunks until none is left to take. Returns whether all that was waited for came. */
function work(words: Int32Array, exports: EngineExports, thread: number, timeoutMs: number): boolean {
  while (Atomics.load(words, WORDS.left) > 0) {
    const left = Atomics.sub(words, WORDS.left, 1);
    if (left <= 0) break;
    const word = (index: number): number => words[index]!;
    const chunk = word(WORDS.chunks) + CHUNK_BYTES * (word(WORDS.count) - left);
    if (!awaitDone(words, exports.chunksBefore(chunk), timeoutMs)) return false;
    exports.performChunk(chunk, word(WORDS.rooms) + thread * word(WORDS.roomBytes));
    Atomics.add(words, WORDS.done, 1);
    if (Atomics.load(words, WORDS.waiting) > 0) Atomics.notify(words, WORDS.done);
  }
  return true;
}

/** Waits until `count` chunks are done. Returns whether they are; else the time is up. */
function awaitDone(words: Int32Array, count: number, timeoutMs: number): boolean {
  for (let i = 0; i < LOOKS; i++) if (Atomics.load(words, WORDS.done) >= count) return true;
  let isLost = false;
  Atomics.add(words, WORDS.waiting, 1);
  for (;;) {
    const done = Atomics.load(words, WORDS.done);
    if (done >= count || isLost) break;
    isLost = Atomics.wait(words, WORDS.done, done, timeoutMs) === 'timed-out';
  }
  Atomics.sub(words, WORDS.waiting, 1);
  return Atomics.load(words, WORDS.done) >= count;
}
