/** A profile in the trace event format that chrome://tracing and Perfetto read. It refuses to write files. */

import { type Profile, ratesOf } from "./profile.js";

/** Kernels one behind the other, a row per phase. Source: "Trace Event Format", Google 2016, complete events. */
export function chromeTrace({ kernels, target, clock }: Profile): string {
  let start = 0;
  const events = kernels.map((kernel) => {
    const { nodes, phase, milliseconds, flops, bytes, step } = kernel;
    const { flopsPerSecond, bytesPerSecond } = ratesOf(kernel);
    const event = {
      name: nodes[0] ?? `step ${step}`,
      cat: phase,
      ph: "X",
      ts: start * 1000,
      dur: milliseconds * 1000,
      pid: target,
      tid: phase,
      args: {
        nodes: nodes.join(" "),
        flops,
        bytes,
        "GFLOP/s": flopsPerSecond / 1e9,
        "GB/s": bytesPerSecond / 1e9,
      },
    };
    start += milliseconds;
    return event;
  });
  return JSON.stringify({ traceEvents: events, displayTimeUnit: "ns", otherData: { target, clock } });
}
