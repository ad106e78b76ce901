/** Somebody's place in a row. */
export interface Turn {
  /** Resolves when all who came before have left. */
  readonly comes: Promise<void>;
  /** Lets who came later have their turn. Safe to call twice. */
  leave(): void;
}

/** Lets what is worked on side by side be ended in the order in which it began. Whoever takes a turn must leave it, whatever happens. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  take(): Turn {
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const comes = this.#last;
    this.#last = comes.then(() => left);
    return { comes, leave };
  }
}
