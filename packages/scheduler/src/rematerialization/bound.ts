/** Lower bounds on the cost of recomputation within a budget. It refuses to look for schedules. */

import type { Dataflow } from "../dataflow/dataflow.js";
import type { Effort } from "../dataflow/effort.js";
import { type Decisions, dropped, held, Moment, type Relaxed } from "./moment.js";

/** Steps of the search for the best price. */
const steps = 24;

/** Moments that are looked at, and of those the ones that are searched by branching. */
const moments = { relaxed: 24, searched: 2 } as const;

/** Branches of one search. */
const branches = 150;

/**
 * No schedule within the budget recomputes for less, whatever its order. `during` is what is live at each position of a
 * legal `order` without recomputation: moments where most is live are looked at first. `known` is the cost of
 * recomputation of a schedule that is known, if any: the search ends when the bound reaches it.
 */
export function recomputationBound(
  flow: Dataflow,
  costs: Float64Array,
  budget: number,
  order: Int32Array,
  during: Float64Array,
  known: number,
  effort: Effort,
): number {
  const positions = [...order.keys()].sort((a, b) => (during[b] ?? 0) - (during[a] ?? 0));
  const found: { moment: Moment; root: Priced }[] = [];
  let bound = 0;
  for (const t of positions.slice(0, moments.relaxed)) {
    if ((during[t] ?? 0) <= budget || effort.left === 0) break;
    const moment = new Moment(flow, costs, budget, order[t] ?? 0);
    effort.spend(20 * flow.operations);
    if (moment.wanted <= moment.room) continue;
    const root = bestPrice(moment, moment.open(), moment.typicalPrice, effort);
    found.push({ moment, root });
    bound = Math.max(bound, root.bound);
  }
  found.sort((a, b) => b.root.bound - a.root.bound);
  for (const { moment, root } of found.slice(0, moments.searched)) {
    if (bound >= known || effort.left === 0) break;
    bound = Math.max(bound, branch(moment, root, known, effort));
  }
  // Sums of whole costs are whole; what rounding may have added to the bound is taken off first.
  const whole = costs.every(Number.isInteger) ? Math.ceil(bound * (1 - 1e-9)) : bound;
  return Math.min(whole, known);
}

interface Priced {
  readonly bound: number;
  readonly price: number;
  /** The choices just within the room and just beyond it at the best price. */
  readonly within: Relaxed | undefined;
  readonly beyond: Relaxed | undefined;
}

/** The price of a held byte that makes the bound largest: the bound is concave in it. */
function bestPrice(moment: Moment, decisions: Decisions, guess: number, effort: Effort): Priced {
  let bound = 0;
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let price = guess;
  let best = guess;
  let within: Relaxed | undefined;
  let beyond: Relaxed | undefined;
  for (let step = 0; step < steps && effort.left > 0; step++) {
    const relaxed = moment.relax(price, decisions);
    effort.spend(relaxed.work);
    if (relaxed.bound > bound) {
      bound = relaxed.bound;
      best = price;
    }
    if (relaxed.bytes <= moment.room) {
      high = price;
      within = relaxed;
    } else {
      low = price;
      beyond = relaxed;
    }
    if (within !== undefined && beyond !== undefined) {
      // Where the lines of the two choices cross; when that finds no new choice, it is the best price.
      const crossing = (within.cost - beyond.cost) / (beyond.bytes - within.bytes);
      if (!(crossing > low && crossing < high) || crossing === price) break;
      price = crossing;
    } else price = high === Number.POSITIVE_INFINITY ? price * 4 : price / 4;
    if (!(price > 0 && price < Number.MAX_VALUE)) break;
  }
  return { bound, price: best, within, beyond };
}

interface Branch {
  readonly decisions: Decisions;
  readonly priced: Priced;
}

/** Best first: the bound is the least of those still open. */
function branch(moment: Moment, root: Priced, known: number, effort: Effort): number {
  const open: Branch[] = [{ decisions: moment.open(), priced: root }];
  for (let count = 0; count < branches; count++) {
    open.sort((a, b) => b.priced.bound - a.priced.bound);
    const least = open.at(-1);
    if (least === undefined) return known;
    const { bound, within } = least.priced;
    if (bound >= known || effort.left === 0 || (within !== undefined && within.cost <= bound)) return bound;
    const value = undecided(moment, least);
    if (value < 0) return bound;
    open.pop();
    for (const decision of [held, dropped]) {
      const decisions = least.decisions.slice();
      decisions[value] = decision;
      const priced = bestPrice(moment, decisions, least.priced.price, effort);
      const narrowed = Math.max(priced.bound, bound);
      if (narrowed < known) open.push({ decisions, priced: { ...priced, bound: narrowed } });
    }
  }
  return open.reduce((least, { priced }) => Math.min(least, priced.bound), known);
}

/** The largest value on which the choices around the best price differ, else the largest open one; -1 for none. */
function undecided(moment: Moment, { decisions, priced: { within, beyond } }: Branch): number {
  let found = -1;
  let weight = -1;
  for (const v of moment.values) {
    if (decisions[v] !== 0) continue;
    const differs = within !== undefined && beyond !== undefined && within.holds[v] !== beyond.holds[v];
    const size = moment.sizeOf(v) + (differs ? Number.MAX_SAFE_INTEGER : 0);
    if (size > weight) {
      weight = size;
      found = v;
    }
  }
  return found;
}
