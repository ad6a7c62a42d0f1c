// The measurements as data and as Markdown tables. It refuses to measure.

import type { Again } from "./again.js";
import type { Alone } from "./alone.js";
import type { Times } from "./race.js";
import type { Rate } from "./workload.js";

/** What one contender did with one workload. */
export type Outcome =
  /** It does not take part, or not with right results. */
  | { readonly reason: string }
  | {
      readonly times: Times;
      /** Milliseconds from the declaration to the end of the first step, in a warm process. */
      readonly ready: number;
      /** How far the results of the first steps are from float64, relative to the largest. */
      readonly deviation: number;
    };

export interface Row {
  readonly workload: string;
  readonly title: string;
  readonly rate?: Rate;
  /** By contender. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly alone: Alone;
  readonly again: Again;
}

export interface Machine {
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  /** The average load of the last minute, when the run began and ended. */
  readonly load: readonly [number, number];
}

export interface Report {
  readonly machine: Machine;
  /** By contender. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secondsPerWorkload: number;
  readonly rows: readonly Row[];
}

export function markdown({ machine, settings, secondsPerWorkload, rows }: Report): string {
  const [own = "", ...peers] = Object.keys(settings);
  const speed = table(
    ["", own, "", ...peers.flatMap((peer) => [peer, "times as long"]), "what"],
    rows.map((row) => {
      const mine = row.outcomes[own];
      return [
        row.workload,
        shown(mine),
        rateOf(row, mine),
        ...peers.flatMap((peer) => [shown(row.outcomes[peer]), ratio(row.outcomes[peer], mine)]),
        row.title,
      ];
    }),
  );
  const alone = table(
    [
      "",
      "declare",
      "plan",
      "load",
      "first step",
      "in all",
      "again",
      "kernels",
      "arena",
      "device",
      "peak RSS",
      "heap",
      "buffers",
    ],
    rows.map(({ workload, alone: a, again }) => [
      workload,
      ...[a.declare, a.plan, a.load, a.first, a.declare + a.plan + a.load + a.first].map(milliseconds),
      milliseconds(again.milliseconds),
      `${a.kernels} / ${a.launches}`,
      ...[a.arena, a.device, a.peak].map(mebibytes),
      ...[a.heapPerStep, a.buffersPerStep].map((bytes) => `${Math.round(bytes)}`),
    ]),
  );
  return [
    "Milliseconds of a step: median (best; mean processor time); ratios likewise.",
    "",
    speed,
    "",
    `${own} alone, in a fresh process: milliseconds until the first step is done, and again where a folder`,
    "keeps what was compiled; distinct kernels / kernels run; MiB; bytes that a step allocates on the heap and as array buffers.",
    "",
    alone,
    "",
    ...notes(rows, peers),
    ...Object.entries(settings).map(([name, text]) => `* ${name}: ${text}`),
    `* ${machine.processor}, ${machine.cores} cores, Node ${machine.node}; load average ${machine.load.map((load) => load.toFixed(1)).join(" → ")}; ${secondsPerWorkload} s per workload`,
  ].join("\n");
}

/** Why a contender is missing, once per reason. */
function notes(rows: readonly Row[], peers: readonly string[]): string[] {
  return peers.flatMap((peer) => {
    const reasons = new Map<string, string[]>();
    for (const { workload, outcomes } of rows) {
      const outcome = outcomes[peer];
      if (outcome === undefined || !("reason" in outcome)) continue;
      reasons.set(outcome.reason, [...(reasons.get(outcome.reason) ?? []), workload]);
    }
    return [...reasons].map(([reason, names]) => `* ${peer} is not in ${names.join(", ")}: ${reason}`);
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "--:"))), ...rows.map(line)].join(
    "\n",
  );
}

function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined || "reason" in outcome) return "–";
  const { median, best, processor } = outcome.times;
  return `${milliseconds(median)} (${milliseconds(best)}; ${milliseconds(processor)})`;
}

function ratio(theirs: Outcome | undefined, mine: Outcome | undefined): string {
  if (theirs === undefined || mine === undefined || "reason" in theirs || "reason" in mine) return "–";
  const by = (which: "median" | "best" | "processor"): string =>
    digits(theirs.times[which] / mine.times[which], 2);
  return `**${by("median")}** (${by("best")}; ${by("processor")})`;
}

function rateOf({ rate }: Row, mine: Outcome | undefined): string {
  if (rate === undefined || mine === undefined || "reason" in mine) return "";
  return `${digits(rate.amount / mine.times.best / 1e6, 3)} ${rate.unit}`;
}

function milliseconds(value: number): string {
  return digits(value, 3);
}

function mebibytes(bytes: number): string {
  return digits(bytes / 2 ** 20, 3);
}

/** A number to so many significant digits, never in exponential form. */
function digits(value: number, count: number): string {
  if (value === 0) return "0";
  const after = count - 1 - Math.floor(Math.log10(Math.abs(value)));
  return after > 0 ? value.toFixed(Math.min(after, 6)) : `${Math.round(value)}`;
}
