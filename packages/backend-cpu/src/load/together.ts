/** Runs the programs of a module on the calling thread, and those that are divided on its crew as well. */

import { VerificationError } from "@adjoint/core";
import { type Crew, maySleep } from "../engine/crew.js";
import { wordOf } from "./barrier.js";
import type { Run } from "./compile.js";
import { type Built, exportName } from "./program.js";

/** One call per step of a program. */
export type Step = () => void;

/** Programs that one thread runs by itself. */
export function alone(programs: Iterable<string>, runs: ReadonlyMap<string, Run>): Map<string, Step> {
  return new Map([...programs].map((program) => [program, () => runOf(program, runs)(0, 1)]));
}

/** Programs of which the crew, which has loaded the executable as `id`, runs its parts. */
export function together(
  runs: ReadonlyMap<string, Run>,
  { control = 0, programs }: Built,
  memory: WebAssembly.Memory,
  crew: Crew,
  id: number,
): Map<string, Step> {
  const sleeps = maySleep() ? 1 : 0;
  const view = new Int32Array(memory.buffer);
  const steps = [...programs].map(([program, divided], index): [string, Step] => {
    const run = runOf(program, runs);
    if (!divided) return [program, () => run(0, sleeps)];
    return [
      program,
      () => {
        crew.start(id, index);
        try {
          run(0, sleeps);
        } catch (error) {
          Atomics.store(view, wordOf(control, "failed"), 1);
          crew.settle();
          for (const word of ["arrived", "sleepers", "failed"] as const) {
            Atomics.store(view, wordOf(control, word), 0);
          }
          throw error;
        }
      },
    ];
  });
  return new Map(steps);
}

function runOf(program: string, runs: ReadonlyMap<string, Run>): Run {
  const run = runs.get(exportName(program));
  if (run === undefined) throw new VerificationError(`The module does not export ${program}.`, program);
  return run;
}
