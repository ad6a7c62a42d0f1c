/** A set of bit sets, compared in full: what a search has seen. It refuses to guess by hash alone. */

/** Membership of states of `words` 32-bit words each; removal leaves the slot, so that probing stays valid. */
export class StateSet {
  readonly #words: number;
  #slots = 1 << 10;
  #table: Int32Array;
  /** 0 free, 1 a member, 2 removed. */
  #mark: Uint8Array;
  #used = 0;

  constructor(words: number) {
    this.#words = words;
    this.#table = new Int32Array(this.#slots * words);
    this.#mark = new Uint8Array(this.#slots);
  }

  /** Adds a state; false when it is a member already. */
  add(state: Int32Array): boolean {
    if (this.#used * 2 >= this.#slots) this.#grow();
    const slot = this.#find(state);
    const mark = this.#mark[slot] ?? 0;
    if (mark === 1) return false;
    if (mark === 0) {
      this.#table.set(state, slot * this.#words);
      this.#used++;
    }
    this.#mark[slot] = 1;
    return true;
  }

  remove(state: Int32Array): void {
    const slot = this.#find(state);
    if (this.#mark[slot] === 1) this.#mark[slot] = 2;
  }

  clear(): void {
    this.#mark.fill(0);
    this.#used = 0;
  }

  #find(state: Int32Array): number {
    const words = this.#words;
    let hash = 0x9e3779b9 | 0;
    for (let i = 0; i < words; i++) {
      hash = Math.imul(hash ^ (state[i] ?? 0), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    let slot = (hash ^ (hash >>> 13)) & (this.#slots - 1);
    while (this.#mark[slot] !== 0 && !this.#holds(slot, state)) slot = (slot + 1) & (this.#slots - 1);
    return slot;
  }

  #holds(slot: number, state: Int32Array): boolean {
    const from = slot * this.#words;
    for (let i = 0; i < this.#words; i++) if (this.#table[from + i] !== state[i]) return false;
    return true;
  }

  #grow(): void {
    const table = this.#table;
    const mark = this.#mark;
    const words = this.#words;
    this.#slots *= 2;
    this.#table = new Int32Array(this.#slots * words);
    this.#mark = new Uint8Array(this.#slots);
    this.#used = 0;
    for (let slot = 0; slot < mark.length; slot++) {
      if (mark[slot] === 1) this.add(table.subarray(slot * words, (slot + 1) * words));
    }
  }
}
