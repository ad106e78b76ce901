/** For tests: a file during whose import something happens. */

/** A file that has `act` done, when it is stored, between the first half of its bytes and the second. */
export class SlowFile extends Blob {
  readonly #act: () => Promise<unknown>;
  #reads = 0;

  constructor(file: Blob, act: () => Promise<unknown>) {
    super([file]);
    this.#act = act;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (++this.#reads === 1) return super.stream();
    const half = this.size >> 1;
    const steps = [
      () => this.slice(0, half).arrayBuffer(),
      () => this.#act().then(() => this.slice(half).arrayBuffer()),
    ];
    return new ReadableStream(
      {
        pull: async (controller) => {
          const bytes = await steps.shift()?.();
          if (bytes) controller.enqueue(new Uint8Array(bytes));
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }
}
