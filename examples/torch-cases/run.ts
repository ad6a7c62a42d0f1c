// Runs cases one after the other and sums up how they went.

import { AdjointError, interpret } from "@adjoint/core";
import { type Backend, compile } from "@adjoint/scheduler";
import type { TorchCase } from "./format.js";
import { judge, type Outputs } from "./judge.js";
import { type CaseProgram, programOf } from "./program.js";
import { outOfScope } from "./scope.js";

export type Status = "passed" | "wrong" | "refused" | "outOfScope";

export interface CaseReport {
  readonly op: string;
  readonly variant: string;
  readonly sample: number;
  readonly status: Status;
  readonly reason?: string;
  /** The greatest error in units of what is allowed. */
  readonly worst?: number;
}

/** How many cases there are of each status, and each of them. */
export type Summary = { readonly [Name in Status]: number } & { readonly cases: readonly CaseReport[] };

/** Runs the graph of a case once. */
export type Runner = (program: CaseProgram) => Promise<Outputs>;

/** The definition: slow, and without a plan. */
export const interpreted: Runner = ({ graph, feeds }) => Promise.resolve(interpret(graph, feeds).outputs);

/** Planned, and executed by a backend. */
export function planned(backend: Backend): Runner {
  return async ({ graph, feeds }) => {
    const session = await compile(graph, { backend });
    try {
      const outputs = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, shaped(graph, name, data)])),
      );
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
    } finally {
      await session.dispose();
    }
  };
}

function shaped(graph: CaseProgram["graph"], name: string, data: readonly number[]) {
  return { shape: graph.node(name).shape, data };
}

export async function summarize(cases: readonly TorchCase[], run: Runner): Promise<Summary> {
  const reports: CaseReport[] = [];
  for (const torch of cases) reports.push(await report(torch, run));
  const count = (status: Status): number => reports.filter((entry) => entry.status === status).length;
  return {
    passed: count("passed"),
    wrong: count("wrong"),
    refused: count("refused"),
    outOfScope: count("outOfScope"),
    cases: reports,
  };
}

async function report(torch: TorchCase, run: Runner): Promise<CaseReport> {
  const { op, variant, sample } = torch;
  const left = outOfScope(torch);
  if (left !== undefined) return { op, variant, sample, status: "outOfScope", reason: left };
  try {
    const program = programOf(torch);
    const { worst, problem } = judge(program, await run(program));
    if (problem === undefined) return { op, variant, sample, status: "passed", worst };
    return { op, variant, sample, status: "wrong", reason: problem, worst };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { op, variant, sample, status: error instanceof AdjointError ? "refused" : "wrong", reason };
  }
}
