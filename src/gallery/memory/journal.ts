/** What items are put into and taken out of. */
interface ItemSet<T> {
  has(item: T): boolean;
  add(item: T): unknown;
  delete(item: T): unknown;
}

/** Changes of maps and sets that can be undone. */
export class Journal {
  readonly #undo: (() => void)[] = [];

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    this.#note(map, key);
    map.set(key, value);
  }

  delete<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return;
    this.#note(map, key);
    map.delete(key);
  }

  /** Puts an item into a set, or takes it out. */
  toggle<T>(set: ItemSet<T>, item: T, is: boolean): void {
    if (set.has(item) === is) return;
    this.#undo.push(() => (is ? set.delete(item) : set.add(item)));
    if (is) set.add(item);
    else set.delete(item);
  }

  /** The same for a set among others, which is made with its first item and goes with its last. */
  toggleIn<K, T, S extends ItemSet<T> & { readonly size: number }>(
    sets: Map<K, S>,
    key: K,
    item: T,
    { is, make }: { readonly is: boolean; readonly make: () => S },
  ): void {
    const set = sets.get(key) ?? make();
    this.toggle(set, item, is);
    if (set.size === 0) this.delete(sets, key);
    else if (!sets.has(key)) this.set(sets, key, set);
  }

  #note<K, V>(map: Map<K, V>, key: K): void {
    const had = map.has(key);
    const before = map.get(key) as V;
    this.#undo.push(() => (had ? map.set(key, before) : map.delete(key)));
  }

  /** Puts everything back. */
  undo(): void {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) undo();
  }
}
