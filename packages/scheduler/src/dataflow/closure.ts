/** The most profitable set of items that contains the requirements of its members, by a minimum cut. */

/** Picard, "Maximal closure of a graph and applications to combinatorial problems", Management Science 22 (1976). */
export class Closure {
  readonly #items: number;
  readonly #first: number[];
  readonly #next: number[] = [];
  readonly #to: number[] = [];
  readonly #capacity: number[] = [];
  #promised = 0;

  /** Items are numbered from 0; the source is item -2, the sink -1. */
  constructor(items: number) {
    this.#items = items;
    this.#first = new Array<number>(items + 2).fill(-1);
  }

  /** Choosing `item` pays `profit`, which may be negative. */
  pay(item: number, profit: number): void {
    if (profit > 0) {
      this.#edge(this.#items, item, profit);
      this.#promised += profit;
    } else if (profit < 0) this.#edge(item, this.#items + 1, -profit);
  }

  /** Whoever chooses `item` must choose `required` too. */
  require(item: number, required: number): void {
    this.#edge(item, required, Number.POSITIVE_INFINITY);
  }

  #edge(from: number, to: number, capacity: number): void {
    this.#half(from, to, capacity);
    this.#half(to, from, 0);
  }

  #half(from: number, to: number, capacity: number): void {
    this.#next.push(this.#first[from] ?? -1);
    this.#first[from] = this.#to.length;
    this.#to.push(to);
    this.#capacity.push(capacity);
  }

  /** Largest profit, and the smallest and the largest set that reach it, as one byte an item. */
  solve(): { profit: number; smallest: Uint8Array; largest: Uint8Array; work: number } {
    const first = Int32Array.from(this.#first);
    const next = Int32Array.from(this.#next);
    const to = Int32Array.from(this.#to);
    const capacity = Float64Array.from(this.#capacity);
    const { flow, work } = maximumFlow(this.#items, this.#items + 1, first, next, to, capacity);
    const smallest = reach(this.#items, first, next, (e) => (capacity[e] ?? 0) > 0, to);
    const largest = reach(this.#items + 1, first, next, (e) => (capacity[e ^ 1] ?? 0) > 0, to);
    for (let i = 0; i < largest.length; i++) largest[i] = largest[i] === 1 ? 0 : 1;
    return { profit: this.#promised - flow, smallest, largest, work };
  }
}

function reach(
  from: number,
  first: Int32Array,
  next: Int32Array,
  open: (edge: number) => boolean,
  to: Int32Array,
): Uint8Array {
  const seen = new Uint8Array(first.length);
  seen[from] = 1;
  const queue = [from];
  for (const at of queue) {
    for (let e = first[at] ?? -1; e >= 0; e = next[e] ?? -1) {
      const target = to[e] ?? 0;
      if (seen[target] === 0 && open(e)) {
        seen[target] = 1;
        queue.push(target);
      }
    }
  }
  return seen;
}

/** Dinic's algorithm; `capacity` is left as the residual. Edge `e ^ 1` is the reverse of `e`. */
function maximumFlow(
  source: number,
  sink: number,
  first: Int32Array,
  next: Int32Array,
  to: Int32Array,
  capacity: Float64Array,
): { flow: number; work: number } {
  const level = new Int32Array(first.length);
  const current = new Int32Array(first.length);
  const queue = new Int32Array(first.length);
  const path: number[] = [];
  let flow = 0;
  let work = 0;
  for (;;) {
    level.fill(-1);
    level[source] = 0;
    queue[0] = source;
    let tail = 1;
    for (let head = 0; head < tail; head++) {
      const at = queue[head] ?? 0;
      for (let e = first[at] ?? -1; e >= 0; e = next[e] ?? -1) {
        work++;
        const target = to[e] ?? 0;
        if ((capacity[e] ?? 0) > 0 && (level[target] ?? 0) < 0) {
          level[target] = (level[at] ?? 0) + 1;
          queue[tail++] = target;
        }
      }
    }
    if ((level[sink] ?? -1) < 0) return { flow, work };
    current.set(first);
    let at = source;
    for (;;) {
      if (at === sink) {
        let amount = Number.POSITIVE_INFINITY;
        for (const e of path) amount = Math.min(amount, capacity[e] ?? 0);
        flow += amount;
        let keep = path.length;
        for (let i = path.length - 1; i >= 0; i--) {
          const e = path[i] ?? 0;
          capacity[e] = (capacity[e] ?? 0) - amount;
          capacity[e ^ 1] = (capacity[e ^ 1] ?? 0) + amount;
          if (capacity[e] === 0) keep = i;
        }
        at = to[(path[keep] ?? 0) ^ 1] ?? source;
        path.length = keep;
        continue;
      }
      let e = current[at] ?? -1;
      while (e >= 0 && !((capacity[e] ?? 0) > 0 && level[to[e] ?? 0] === (level[at] ?? 0) + 1)) {
        e = next[e] ?? -1;
        work++;
      }
      current[at] = e;
      if (e >= 0) {
        path.push(e);
        at = to[e] ?? 0;
      } else {
        const back = path.pop();
        if (back === undefined) break;
        at = to[back ^ 1] ?? 0;
        current[at] = next[current[at] ?? 0] ?? -1;
      }
    }
  }
}
