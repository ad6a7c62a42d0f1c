// The variants of the engine that suites run on: plain arithmetic and fused, or with ADJOINT_ENGINE=wide that one alone, whose flag
// is the whole process's.

import { type CpuBackend, type CpuOptions, cpu } from "@adjoint/backend-cpu";
import { graph, input, mul } from "@adjoint/core";
import { type Backend, compile } from "@adjoint/scheduler";

const variants: Readonly<Record<string, CpuOptions>> =
  globalThis.process?.env["ADJOINT_ENGINE"] === "wide"
    ? { wide: { wide: true } }
    : { plain: { relaxedSimd: false }, fused: {} };

/** For kernels by themselves, on one thread. */
export const engines: readonly (readonly [name: string, CpuOptions])[] = Object.entries(variants).map(
  ([name, options]) => [name, { ...options, threads: 1 }],
);

/** However small, every kernel that can be divided is. */
const divided: CpuOptions = { threads: 2, divideFrom: 0 };

/** Each variant on one thread, and on two, which must give the same bits. Workers stay as long as there is a program: it does. */
export async function backends(): Promise<readonly (readonly [name: string, Backend])[]> {
  const all = Object.entries(variants).flatMap(([name, options]): [string, CpuBackend][] => [
    [name, cpu({ ...options, threads: 1 })],
    [`${name}, two threads`, cpu({ ...options, ...divided })],
  ]);
  const x = input("x", [64]);
  for (const [name, backend] of all) {
    await compile(graph({ outputs: { y: mul(x, x) } }), { backend });
    const { threads, reasons } = backend.target;
    // Where workers cannot run, one thread does it all, and nobody would see.
    if (threads !== (name.endsWith("two threads") ? 2 : 1)) throw new Error(`${name}: ${reasons["threads"]}`);
  }
  return all;
}
