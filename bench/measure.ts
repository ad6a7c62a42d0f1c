// Contenders over one workload: whoever gives right results is timed, everybody interleaved.

import { deviation, firstResults, type Results, trueResults } from "./check.js";
import { race } from "./race.js";
import type { Outcome, Row } from "./report.js";
import type { Contender, Runner } from "./runner.js";
import type { Workload } from "./workload.js";

/** A contender whose results are right. */
interface Ready {
  readonly name: string;
  readonly runner: Runner;
  readonly ready: number;
  readonly deviation: number;
}

async function prepare(
  { name, load }: Contender,
  workload: Workload,
  truth: Results,
): Promise<Ready | string> {
  const start = performance.now();
  let ready = 0;
  const attempt = async (): Promise<readonly [Runner, Results] | string> => {
    const runner = await load(workload);
    if (typeof runner === "string") return runner;
    const results = await firstResults(runner, () => {
      ready = performance.now() - start;
    });
    return [runner, results];
  };
  const first = await attempt().catch((error: unknown) => `it fails: ${String(error)}`);
  if (typeof first === "string") return first;
  const [runner, results] = first;
  const error = deviation(results, truth);
  if (error <= workload.tolerance) return { name, runner, ready, deviation: error };
  await runner.dispose();
  return `its results are wrong by ${error.toExponential(1)} of the largest`;
}

/** `truth` are the results of the first steps that everybody should have. */
export async function measure(
  workload: Workload,
  contenders: readonly Contender[],
  seconds: number,
  truth: Results | undefined = undefined,
): Promise<Row["outcomes"]> {
  const expected = truth ?? (await trueResults(workload));
  const outcomes: { [name: string]: Outcome } = {};
  const ready: Ready[] = [];
  for (const contender of contenders) {
    const prepared = await prepare(contender, workload, expected);
    if (typeof prepared === "string") outcomes[contender.name] = { reason: prepared };
    else ready.push(prepared);
  }
  const times = await race(
    ready.map(({ runner }) => runner),
    seconds,
  );
  for (const [position, { name, runner, ready: until, deviation: error }] of ready.entries()) {
    const own = times[position];
    if (own !== undefined) outcomes[name] = { times: own, ready: until, deviation: error };
    await runner.dispose();
  }
  return outcomes;
}
