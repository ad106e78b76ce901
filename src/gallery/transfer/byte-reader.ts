import { badParam, NearFaceError } from '../../core/errors.ts';
import { readPiece } from '../../core/read-piece.ts';

/** What a {@link ByteReader} is told of its stream. */
export interface ByteReaderOptions {
  /** What is read, for messages: "the archive". */
  readonly name: string;
  /** Bytes in the whole stream, if that is known. */
  readonly size?: number | undefined;
}

/**
 * Reads a stream by counts of bytes, or by lines, however it is cut into pieces. It owns the stream from its making to
 * `cancel()`. What the stream itself throws is passed on.
 */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #name: string;
  readonly #size: number | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  #offset = 0;

  /** @throws NearFaceError `BAD_PARAM` if another reader holds the stream */
  constructor(stream: ReadableStream<Uint8Array>, options: ByteReaderOptions) {
    if (typeof stream?.getReader !== 'function' || stream.locked)
      throw badParam('stream', stream, 'a ReadableStream of bytes that nobody else reads');
    this.#reader = stream.getReader();
    this.#name = options.name;
    this.#size = options.size;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes left; `Infinity` where the size is not known. */
  get left(): number {
    return this.#size === undefined ? Infinity : Math.max(0, this.#size - this.#offset);
  }

  /** The next `length` bytes, the caller's own. @throws NearFaceError `BAD_PARAM` if there are fewer */
  async read(length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    if (length > this.left) throw this.#cutOff(what);
    const taken = new GrowingBytes(length);
    while (taken.length < length) {
      if (!(await this.#fill())) throw this.#cutOff(what);
      taken.push(this.#take(Math.min(length - taken.length, this.#piece.length)));
    }
    return taken.bytes;
  }

  /** The next line without its line feed; `undefined` at the end. @throws NearFaceError `BAD_PARAM` if too long */
  async line(maxLength: number, what: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(await this.#fill())) return undefined;
    const taken = new GrowingBytes(maxLength);
    while (await this.#fill()) {
      const feed = this.#piece.indexOf(0x0a);
      const length = feed < 0 ? this.#piece.length : feed;
      if (taken.length + length > maxLength)
        throw badParam(what, `longer than ${maxLength} bytes`, `at most ${maxLength} bytes long`);
      taken.push(this.#take(length));
      if (feed < 0) continue;
      this.#take(1);
      break;
    }
    return taken.bytes;
  }

  /** Whether nothing follows. */
  async atEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** Lets go of the stream, and tells its source that no more is wanted. Safe to call twice. */
  async cancel(): Promise<void> {
    // A stream that failed says so again when it is cancelled; the reader has heard it already.
    await this.#reader.cancel().catch(() => undefined);
  }

  /** Whether there is a byte to take. */
  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const { done, value } = await readPiece(this.#reader);
      if (done) return false;
      if (!(value instanceof Uint8Array)) throw badParam('stream', value, 'a stream of Uint8Array');
      this.#piece = value;
    }
    return true;
  }

  #take(length: number): Uint8Array {
    const taken = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    this.#offset += length;
    return taken;
  }

  #cutOff(what: string): NearFaceError {
    const end = this.#size ?? this.#offset;
    return new NearFaceError(
      'BAD_PARAM',
      `${this.#name} ends too soon, after ${end} bytes, in ${what}: it is cut off or damaged; copy it again`,
      { param: 'stream', offset: end, in: what },
    );
  }
}

/** Bytes that are put together up to a limit. Room is made only as they arrive, so that a false length costs nothing. */
class GrowingBytes {
  readonly #limit: number;
  #room = new Uint8Array(0);
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#room.length) {
      const larger = new Uint8Array(Math.min(this.#limit, Math.max(length, this.#room.length * 2)));
      larger.set(this.#room.subarray(0, this.length));
      this.#room = larger;
    }
    this.#room.set(bytes, this.length);
    this.length = length;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#room.subarray(0, this.length);
  }
}
