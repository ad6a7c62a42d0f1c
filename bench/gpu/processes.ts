// A row in a process of its own, which is ended when it makes no end of it. It refuses to measure.

import { spawn } from "node:child_process";
import type { Outcome } from "../report.js";
import type { Workload } from "../workload.js";
import type { GpuRow } from "./table.js";

type Message = { readonly at: string } | { readonly row: GpuRow };

/** Lines of the other process that are for this one. */
const mark = "\u0001";

export function say(message: Message): void {
  process.stdout.write(`${mark}${JSON.stringify(message)}\n`);
}

interface End {
  readonly row: GpuRow | undefined;
  /** Who was at work last. */
  readonly at: string;
  readonly reason: string;
}

export interface RowOptions {
  readonly seconds: number;
  /** Seconds after which a process is ended. */
  readonly limit: number;
  readonly isSmall: boolean;
}

/** The row of everybody who gets to an end; who does not is in it with the reason. */
export async function rowInProcess(
  { name, title }: Workload,
  peers: readonly string[],
  options: RowOptions,
): Promise<GpuRow> {
  const missing: { [peer: string]: Outcome } = {};
  for (;;) {
    const present = peers.filter((peer) => missing[peer] === undefined);
    const { row, at, reason } = await attempt(name, present, options);
    if (row !== undefined) return { ...row, outcomes: { ...row.outcomes, ...missing } };
    const blamed = present.includes(at) ? at : "adjoint";
    missing[blamed] = { reason };
    if (blamed === "adjoint") return { workload: name, title, outcomes: missing };
  }
}

function attempt(
  name: string,
  peers: readonly string[],
  { seconds, limit, isSmall }: RowOptions,
): Promise<End> {
  const script = process.argv[1] ?? "";
  const options = ["--row", name, "--peers", ["none", ...peers].join(","), "--seconds", String(seconds)];
  if (isSmall) options.push("--small");
  const child = spawn(process.execPath, [script, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let [at, rest, errors, row, late]: [string, string, string, GpuRow | undefined, boolean] = [
    "adjoint",
    "",
    "",
    undefined,
    false,
  ];
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, 1000 * limit);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith(mark)) continue;
      const message: Message = JSON.parse(line.slice(mark.length));
      if ("row" in message) row = message.row;
      else at = message.at;
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const [last = ""] = errors.trim().split("\n").slice(-1);
      const reason = late ? `no end after ${limit} s` : `its process ended (${signal ?? code}): ${last}`;
      resolve({ row, at, reason });
    });
  });
}
