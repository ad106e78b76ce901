/** Bytes that are kept at most: the levels and tensors of a photo of some megapixels. */
const MOST_BYTES = 12 * 2 ** 20;

/**
 * Memory that was given back and is taken again, whatever is in it: new memory costs more than what is written into it, 0.4 ms a
 * megabyte in Node and 0.8 in Chromium, as the system clears each page when it is first touched.
 */
export class SpareBuffers {
  readonly #kept: ArrayBuffer[] = [];

  /** The caller's alone until it is given back; it need not be. */
  take(bytes: number): ArrayBuffer {
    const index = this.#kept.findIndex(({ byteLength }) => byteLength === bytes);
    return index < 0 ? new ArrayBuffer(bytes) : this.#kept.splice(index, 1)[0]!;
  }

  /** From then on the caller may neither read nor write it, nor give it back again. */
  giveBack(buffer: ArrayBuffer): void {
    // One that is not kept itself, such as half of a large photo, leaves the others.
    if (buffer.byteLength > MOST_BYTES) return;
    this.#kept.push(buffer);
    let bytes = this.#kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
    while (bytes > MOST_BYTES) bytes -= this.#kept.shift()!.byteLength;
  }
}
