/** Things that are worked on one after the other. */
export interface WorkQueue<T> {
  /** Puts a thing at the end, unless it waits already. */
  add(item: T): void;
  waits(item: T): boolean;
}

/** `work` must not reject. */
export function createWorkQueue<T>(work: (item: T) => Promise<void>): WorkQueue<T> {
  const waiting: T[] = [];
  let working = false;
  const run = async (): Promise<void> => {
    if (working) return;
    working = true;
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
    working = false;
  };
  return {
    add(item) {
      if (!waiting.includes(item)) waiting.push(item);
      void run();
    },
    waits: (item) => waiting.includes(item),
  };
}
