import { zipError, FETCH_AGAIN } from './zip-error.ts';

/** Reads a blob at any place through one window of it, so that neighbours cost one read. */
export class BlobWindow {
  readonly #blob: Blob;
  readonly #windowBytes: number;
  #start = 0;
  #bytes = new Uint8Array(0);

  /** `windowBytes` is what is read at a time at least, and held. */
  constructor(blob: Blob, windowBytes: number) {
    this.#blob = blob;
    this.#windowBytes = windowBytes;
  }

  /**
   * `length` bytes from `at`, as a view that later reads leave alone.
   * @throws `BAD_PARAM` naming `entry` if they are not all inside the blob, or the blob cannot be read.
   */
  async read(at: number, length: number, entry?: string): Promise<Uint8Array<ArrayBuffer>> {
    if (!(at >= 0 && at + length <= this.#blob.size)) throw zipError(entry, 'is cut short', FETCH_AGAIN);
    let [start, bytes] = [this.#start, this.#bytes];
    if (at < start || at + length > start + bytes.length) {
      start = at;
      bytes = await readBytes(this.#blob.slice(at, at + Math.max(length, this.#windowBytes)), entry);
      if (bytes.length < length) throw zipError(entry, 'is cut short', FETCH_AGAIN);
      [this.#start, this.#bytes] = [start, bytes];
    }
    return bytes.subarray(at - start, at - start + length);
  }
}

async function readBytes(blob: Blob, entry: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw zipError(entry, 'can no longer be read', 'choose the zip again', error);
  }
}
