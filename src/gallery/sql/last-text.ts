/** Reads texts of which most are the same as the one before. */
export class LastText<T> {
  readonly #read: (text: string) => T;
  readonly #decoder = new TextDecoder();
  #bytes: Uint8Array | undefined;
  #value: T | undefined;

  /** @param read - what is made of a text */
  constructor(read: (text: string) => T) {
    this.#read = read;
  }

  /** What is made of a text in UTF-8. */
  of(bytes: Uint8Array): T {
    if (this.#isLast(bytes)) return this.#value as T;
    this.#bytes = new Uint8Array(bytes);
    return (this.#value = this.#read(this.#decoder.decode(bytes)));
  }

  #isLast(bytes: Uint8Array): boolean {
    const last = this.#bytes;
    if (last?.length !== bytes.length) return false;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== last[i]) return false;
    return true;
  }
}
