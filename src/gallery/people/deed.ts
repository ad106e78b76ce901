/**
 * Rules that are written once for every database. A deed asks for what it needs of the database and goes on with the answer: in memory at
 * once, so that a verb is done before another begins; in IndexedDB when the request is answered, within one transaction.
 */

/** What a database answers: at once, or later. */
export type Later<T> = T | Promise<T>;

/** Work that asks a database. */
export type Deed<T> = Generator<Later<unknown>, T, unknown>;

/** What a database answers, within a deed. */
export function* of<T>(asked: Later<T>): Deed<T> {
  return (yield asked) as T;
}

/** Does a deed with a database that answers at once. */
export function doNow<T>(deed: Deed<T>): T {
  for (let step = deed.next(); ; step = deed.next(step.value)) if (step.done) return step.value;
}

/** Does a deed with a database that answers later; it waits for nothing else. */
export async function doLater<T>(deed: Deed<T>): Promise<T> {
  for (let step = deed.next(); ;) {
    if (step.done) return step.value;
    let value: unknown;
    try {
      value = await step.value;
    } catch (error) {
      step = deed.throw(error);
      continue;
    }
    step = deed.next(value);
  }
}
