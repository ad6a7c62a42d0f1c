/** A binary heap of numbers with two keys each. It refuses to find or change what is inside. */

/** Smallest first key first; of equal ones the smallest second key, then the smallest item. */
export class Heap {
  readonly #items: number[] = [];
  readonly #keys: number[] = [];
  readonly #ties: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: number, key: number, tie: number): void {
    let at = this.#items.length;
    this.#set(at, item, key, tie);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#before(at, up)) break;
      this.#swap(at, up);
      at = up;
    }
  }

  /** Key of the first item; infinite when there is none. */
  get key(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The first item; -1 when there is none. */
  pop(): number {
    const first = this.#items[0] ?? -1;
    const item = this.#items.pop();
    const key = this.#keys.pop();
    const tie = this.#ties.pop();
    if (this.#items.length === 0 || item === undefined || key === undefined || tie === undefined)
      return first;
    this.#set(0, item, key, tie);
    let at = 0;
    for (;;) {
      let low = 2 * at + 1;
      if (low >= this.#items.length) return first;
      if (low + 1 < this.#items.length && this.#before(low + 1, low)) low++;
      if (!this.#before(low, at)) return first;
      this.#swap(low, at);
      at = low;
    }
  }

  #before(a: number, b: number): boolean {
    const key = (this.#keys[a] ?? 0) - (this.#keys[b] ?? 0);
    if (key !== 0) return key < 0;
    const tie = (this.#ties[a] ?? 0) - (this.#ties[b] ?? 0);
    return tie !== 0 ? tie < 0 : (this.#items[a] ?? 0) < (this.#items[b] ?? 0);
  }

  #set(at: number, item: number, key: number, tie: number): void {
    this.#items[at] = item;
    this.#keys[at] = key;
    this.#ties[at] = tie;
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a] ?? 0;
    const key = this.#keys[a] ?? 0;
    const tie = this.#ties[a] ?? 0;
    this.#set(a, this.#items[b] ?? 0, this.#keys[b] ?? 0, this.#ties[b] ?? 0);
    this.#set(b, item, key, tie);
  }
}
