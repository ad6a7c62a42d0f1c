// Which variant of the engine the suites run on: ADJOINT_ENGINE is `plain`, `fused`, `wide` or `threads`; the default backend
// unless set, and in browsers.

import type { CpuOptions } from "@adjoint/backend-cpu";

const engines: Readonly<Record<string, CpuOptions>> = {
  plain: { relaxedSimd: false, threads: 1 },
  fused: { threads: 1 },
  wide: { wide: true, threads: 1 },
  /** However small, every kernel that can be divided is. */
  threads: { threads: 2, divideFrom: 0 },
};

export function engineOptions(): CpuOptions {
  const name = globalThis.process?.env["ADJOINT_ENGINE"];
  if (name === undefined) return {};
  const options = engines[name];
  if (options === undefined)
    throw new RangeError(`ADJOINT_ENGINE is ${name}, not ${Object.keys(engines).join(", ")}.`);
  return options;
}
