import type { EncodedPacket } from 'mediabunny';
import { throwIfAborted } from '../../../core/errors.ts';
import type { Container } from './container.ts';
import { DecoderRun } from './decoder-run.ts';

/** A decoded frame with its time in the file, in seconds, exact. */
export interface TimedFrame {
  readonly time: number;
  readonly frame: VideoFrame;
}

/** What ended the decoding before the last frame. */
export class DecodingStopped extends Error {
  /** `read`: the file's bytes could not be had; `decode`: the decoder refused them. */
  readonly at: 'read' | 'decode';

  constructor(at: 'read' | 'decode', cause: unknown) {
    super(`Decoding stopped: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.at = at;
  }
}

/** Packets in the decoder; a few decoders give nothing before they have more. */
const AHEAD = 8;
const MOST_AHEAD = 64;
/** A decoder that gives nothing for so long may want more packets. */
const STARVED_MS = 100;
/** Not every frame that a file calls a key frame is one. */
const VERIFIED = { verifyKeyPackets: true } as const;
/** Packets among which the damaged one is looked for. */
const SUSPECTS = MOST_AHEAD + AHEAD;

/**
 * The frames of a file in the order of presentation, from the one that is shown at `from` on, in seconds. Few are in memory at a
 * time: it decodes as fast as they are taken. A decoder that fails is replaced; if the next one fails at the same place, the frames before
 * the damage are given.
 *
 * @throws DecodingStopped; NearFaceError `ABORTED`
 */
export async function* decodeFrames(
  container: Container,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<TimedFrame, void, undefined> {
  let next = from;
  for (let keysBack = 0; ;) {
    const begun: number = next;
    const attempt: Attempt = { from: next, keysBack, fed: [], isBarren: true };
    try {
      for await (const timed of decodeOnce(container, attempt, signal)) {
        next = timed.time + 1e-6;
        yield timed;
      }
      return;
    } catch (error) {
      if (!(error instanceof DecodingStopped) || error.at === 'read') throw error;
      if (next > begun) {
        keysBack = 0;
      } else if (attempt.isBarren && !attempt.isFirst) {
        // Not every decoder begins at a key frame that others are shown before (an open GOP), but all do at some frame before it.
        keysBack = 2 * keysBack + 1;
      } else {
        yield* untilDamage(container, attempt, signal);
        throw error;
      }
    }
  }
}

/** One try to decode from a time on. */
interface Attempt {
  /** Frames from here on are wanted, in seconds. */
  readonly from: number;
  /** It begins so many key frames before the one that is nearest before `from`. */
  readonly keysBack: number;
  /** The packet that is decoded last; that of the file by default. */
  readonly last?: EncodedPacket;
  /** The last packets that were fed. */
  readonly fed: EncodedPacket[];
  /** The decoder gave no picture, wanted or not. */
  isBarren: boolean;
  /** It began at the file's first key frame. */
  isFirst?: boolean;
}

/** What can be had of the packets that were fed before a decoder failed: up to the last one that a decoder takes. */
async function* untilDamage(
  container: Container,
  failed: Attempt,
  signal: AbortSignal,
): AsyncGenerator<TimedFrame, void, undefined> {
  const upTo = (packet: EncodedPacket): Attempt => ({ ...failed, last: packet, fed: [] });
  // The packets fed[0] .. fed[low - 1] are good.
  let [low, high] = [0, failed.fed.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (await decodes(container, upTo(failed.fed[middle - 1]!), signal)) low = middle;
    else high = middle - 1;
  }
  if (low > 0) yield* decodeOnce(container, upTo(failed.fed[low - 1]!), signal);
}

async function decodes(container: Container, attempt: Attempt, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const { frame } of decodeOnce(container, attempt, signal)) frame.close();
    return true;
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof DecodingStopped) return false;
    throw error;
  }
}

/** By one decoder; tells in `attempt` how it went. */
async function* decodeOnce(
  container: Container,
  attempt: Attempt,
  signal: AbortSignal,
): AsyncGenerator<TimedFrame, void, undefined> {
  const packets = new PacketReader(container, attempt.last);
  attempt.isFirst = await packets.start(attempt.from, attempt.keysBack);
  throwIfAborted(signal);
  const run = new DecoderRun(container.config);
  const stop = (): void => run.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let ahead = AHEAD; ;) {
      throwIfAborted(signal);
      const ready = run.take();
      if (ready) {
        attempt.isBarren = false;
        if (ready.time < attempt.from) ready.picture.close();
        else yield { time: ready.time, frame: ready.picture };
      } else if (run.failure) {
        throw new DecodingStopped('decode', run.failure.error);
      } else if (packets.current && run.pending < ahead) {
        run.feed(packets.current);
        attempt.fed.push(packets.current);
        if (attempt.fed.length > SUSPECTS) attempt.fed.shift();
        await packets.advance();
      } else if (run.isFlushed) {
        if (packets.failure) throw new DecodingStopped('read', packets.failure.error);
        return;
      } else {
        if (!packets.current) run.flush();
        const isStarved = !(await run.change(STARVED_MS));
        if (isStarved) ahead = Math.min(MOST_AHEAD, ahead + AHEAD);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    run.close();
  }
}

/** Packets in the order of decoding, from the key frame before a time on. */
class PacketReader {
  current: EncodedPacket | undefined;
  /** Why there is no `current`, if not for the end. */
  failure: { readonly error: unknown } | undefined;
  readonly #container: Container;
  readonly #last: number;

  constructor(container: Container, last: EncodedPacket | undefined) {
    this.#container = container;
    this.#last = last?.sequenceNumber ?? Infinity;
  }

  /** Goes to a key frame before `time`; answers whether it is the first one. */
  async start(time: number, keysBack: number): Promise<boolean> {
    const { packets } = this.#container;
    let isFirst = false;
    await this.#read(async () => {
      let key = await packets.getKeyPacket(time, VERIFIED);
      for (let k = 0; key && k < keysBack; k++) {
        const earlier: EncodedPacket | null = await packets.getKeyPacket(key.timestamp - 1e-6, VERIFIED);
        // The times of a damaged file may lead nowhere.
        key = earlier && earlier.timestamp < key.timestamp ? earlier : null;
      }
      if (key) return key;
      isFirst = true;
      return packets.getFirstKeyPacket(VERIFIED);
    });
    return isFirst;
  }

  advance(): Promise<void> {
    const { current } = this;
    if (!current || current.sequenceNumber >= this.#last) return this.#read(async () => null);
    return this.#read(() => this.#container.packets.getNextPacket(current));
  }

  async #read(read: () => Promise<EncodedPacket | null>): Promise<void> {
    this.current = undefined;
    try {
      this.current = (await read()) ?? undefined;
    } catch (error) {
      this.failure = { error };
    }
  }
}
