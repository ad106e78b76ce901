import { EncodedPacketSink, type InputVideoTrack, type Source } from 'mediabunny';
import { videoError } from '../../../video/video-error.ts';

/** A place that the demuxer reads so often before it finds one packet is read for ever. */
const MOST_AGAIN = 1000;

/** The part of mediabunny's sources through which every byte goes, cached or not; its version is pinned. */
interface Readable {
  _read(start: number, ...rest: readonly number[]): unknown;
}

/**
 * Ends what would never end: the demuxer looks for the next element of a damaged file, and some bytes lead it to where it was. Such a loop
 * waits for nothing, so that no timer of its worker would ever run.
 */
export class EndlessGuard {
  readonly #name: string;
  readonly #reads = new Map<number, number>();

  constructor(name: string) {
    this.#name = name;
  }

  /** The next packet is looked for. */
  begin(): void {
    this.#reads.clear();
  }

  /** The source, with its reads counted. @throws NearFaceError `VIDEO_DECODING_FAILED`, out of the demuxer's calls */
  watch<S extends Source>(source: S): S {
    const readable = source as unknown as Readable;
    const read = readable._read.bind(source);
    readable._read = (start, ...rest) => {
      const count = (this.#reads.get(start) ?? 0) + 1;
      this.#reads.set(start, count);
      if (count <= MOST_AGAIN) return read(start, ...rest);
      const why = `the file is damaged at byte ${start}, where reading it would never end; get it again, whole`;
      throw videoError(this.#name, why, undefined, { byte: start });
    };
    return source;
  }

  /** The packets of a track, each looked for by itself. */
  packetsOf(track: InputVideoTrack): EncodedPacketSink {
    return new GuardedPackets(track, this);
  }
}

class GuardedPackets extends EncodedPacketSink {
  readonly #guard: EndlessGuard;

  constructor(track: InputVideoTrack, guard: EndlessGuard) {
    super(track);
    this.#guard = guard;
  }

  override getFirstPacket(
    ...given: Parameters<EncodedPacketSink['getFirstPacket']>
  ): ReturnType<EncodedPacketSink['getFirstPacket']> {
    this.#guard.begin();
    return super.getFirstPacket(...given);
  }

  override getNextPacket(
    ...given: Parameters<EncodedPacketSink['getNextPacket']>
  ): ReturnType<EncodedPacketSink['getNextPacket']> {
    this.#guard.begin();
    return super.getNextPacket(...given);
  }

  override getKeyPacket(
    ...given: Parameters<EncodedPacketSink['getKeyPacket']>
  ): ReturnType<EncodedPacketSink['getKeyPacket']> {
    this.#guard.begin();
    return super.getKeyPacket(...given);
  }
}
