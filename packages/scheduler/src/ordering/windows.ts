/** Local search: a stretch of the order around the peak is run below the peak by exact search. It refuses to accept worse. */

import type { Effort } from "../dataflow/effort.js";
import type { Arrangement } from "./arrangement.js";
import { attempt } from "./attempt.js";

const widths = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256] as const;

/** Tries in a row that may fail before the search gives up. */
const patience = 400;

export function improveWindows(
  arrangement: Arrangement,
  lowerBound: number,
  random: () => number,
  effort: Effort,
): void {
  const { during, order } = arrangement;
  let failures = 0;
  let peaks = peaksOf(arrangement);
  while (arrangement.peak > lowerBound && failures < patience && effort.left > 0) {
    const at = peaks[Math.floor(random() * peaks.length)] ?? 0;
    const width = Math.min(order.length, widths[failures % widths.length] ?? 8);
    const from = Math.max(0, Math.min(order.length - width, at - Math.floor(random() * width)));
    const block = arrangement.block(from, from + width);
    const direction = random() < 0.5 ? "forward" : "backward";
    const states = 100 + 4 * failures;
    const { outcome, operations } = attempt(block, direction, arrangement.peak - 1, states, effort);
    if (outcome.kind !== "done") {
      failures++;
      continue;
    }
    const before = arrangement.peak;
    arrangement.replace(from, operations);
    effort.spend(during.length >> 3);
    if (arrangement.peak < before) {
      failures = 0;
      peaks = peaksOf(arrangement);
    } else peaks = peaks.filter((t) => (during[t] ?? 0) >= before);
  }
}

function peaksOf({ during, peak }: Arrangement): number[] {
  const peaks: number[] = [];
  for (let t = 0; t < during.length; t++) if (during[t] === peak) peaks.push(t);
  return peaks;
}
