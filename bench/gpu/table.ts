// The measurements on WebGPU as a Markdown table, row by row. It refuses to measure.

import type { Outcome } from "../report.js";
import type { Rate } from "../workload.js";

export interface GpuRow {
  readonly workload: string;
  readonly title: string;
  readonly rate?: Rate;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Milliseconds of Adjoint's kernels by the device's clock. */
  readonly device?: number;
}

/** What comes before the rows. */
export function heading(peers: readonly string[]): string {
  const head = [
    "",
    "adjoint",
    "device",
    "rate on the device",
    "of peak",
    ...peers.flatMap((peer) => [peer, "times as long"]),
    "what",
  ];
  return [
    "Milliseconds of a step to its end on the host, median (best); of its kernels by the device's clock; ratios of medians.",
    "",
    line(head),
    line(head.map((_, column) => (column === 0 ? "---" : "--:"))),
  ].join("\n");
}

/** `peak` by unit; NaN where it is not known. */
export function rowLine(
  { workload, title, rate, outcomes, device }: GpuRow,
  peers: readonly string[],
  peak: Readonly<Record<Rate["unit"], number>>,
): string {
  const mine = outcomes["adjoint"];
  const perSecond = rate === undefined || device === undefined ? undefined : rate.amount / device / 1e6;
  const share = perSecond === undefined || rate === undefined ? Number.NaN : perSecond / peak[rate.unit];
  return line([
    workload,
    shown(mine),
    device === undefined ? "–" : device.toFixed(3),
    perSecond === undefined || rate === undefined
      ? ""
      : `${perSecond.toFixed(perSecond < 10 ? 2 : 0)} ${rate.unit}`,
    Number.isNaN(share) ? "" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`,
    ...peers.flatMap((peer) => [shown(outcomes[peer]), ratio(outcomes[peer], mine)]),
    title,
  ]);
}

/** Who did not take part in a row, and why. */
export function notesOf({ workload, outcomes }: GpuRow): readonly string[] {
  return Object.entries(outcomes).flatMap(([name, outcome]) =>
    "reason" in outcome ? [`* ${name} is not in ${workload}: ${outcome.reason}`] : [],
  );
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined || "reason" in outcome) return "–";
  const { median, best } = outcome.times;
  return `${median.toFixed(3)} (${best.toFixed(3)})`;
}

function ratio(theirs: Outcome | undefined, mine: Outcome | undefined): string {
  if (theirs === undefined || mine === undefined || "reason" in theirs || "reason" in mine) return "–";
  return `**${(theirs.times.median / mine.times.median).toFixed(2)}**`;
}
