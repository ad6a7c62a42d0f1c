// One row, measured in this process. It tells the process that started it who is at work, then the row.

import { loadAdjoint } from "../adjoint.js";
import { type Results, trueResults } from "../check.js";
import { measure } from "../measure.js";
import type { Contender } from "../runner.js";
import type { Workload } from "../workload.js";
import { adjointOn, jaxJs, tfjs } from "./contenders.js";
import { openInstance } from "./instance.js";
import { say } from "./processes.js";
import { sampled } from "./samples.js";
import { type Entry, entriesOf, type Sizes } from "./workloads.js";

async function truthOf(workload: Workload, { isStationary, samples }: Entry): Promise<Results> {
  if (samples !== undefined) {
    const values = samples.values(workload);
    return [values, values, values];
  }
  if (isStationary !== true) return trueResults(workload);
  const runner = await loadAdjoint(workload, "float64", {});
  await runner.step();
  const result = await runner.result();
  await runner.dispose();
  return [result, result, result];
}

/** Says its name whenever it begins something, so that a stall can be laid to someone. */
function announced(contender: Contender): Contender {
  const { name, load } = contender;
  return {
    ...contender,
    load: async (workload) => {
      say({ at: name });
      const runner = await load(workload);
      if (typeof runner === "string") return runner;
      const step = (): ReturnType<typeof runner.step> => {
        say({ at: name });
        return runner.step();
      };
      let steps = 0;
      return {
        step: () => (steps++ < 8 ? step() : runner.step()),
        result: () => runner.result(),
        dispose: () => runner.dispose(),
      };
    },
  };
}

/** @throws RangeError for a row that does not exist. */
export async function measureRow(
  name: string,
  sizes: Sizes,
  peers: readonly string[],
  seconds: number,
): Promise<void> {
  const entry = entriesOf(sizes).find(({ make }) => make().name === name);
  if (entry === undefined) throw new RangeError(`There is no row ${name}.`);
  const { gpu } = await openInstance();
  const workload = entry.make();
  const adjoint = await adjointOn(gpu);
  const { samples } = entry;
  const everybody = [adjoint, ...[jaxJs, tfjs].filter((peer) => peers.includes(peer.name))].map(announced);
  const contenders =
    samples === undefined ? everybody : everybody.map((contender) => sampled(contender, samples));
  const truth = await truthOf(workload, entry);
  const outcomes = await measure(workload, contenders, seconds, truth);
  const device = adjoint.deviceTime();
  say({
    row: {
      workload: workload.name,
      title: workload.title,
      outcomes,
      ...(workload.rate === undefined ? {} : { rate: workload.rate }),
      ...(device === undefined ? {} : { device }),
    },
  });
}
