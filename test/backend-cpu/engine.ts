// The variants of the engine that suites run on: plain arithmetic and fused, or with ADJOINT_ENGINE=wide that one alone, whose flag
// is the whole process's.

import { type CpuOptions, cpu } from "@adjoint/backend-cpu";
import { graph, input, mul } from "@adjoint/core";
import { type Backend, compile, type Session } from "@adjoint/scheduler";

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

type Backends = readonly (readonly [name: string, Backend])[];

/** Programs after which the workers start anew: until then they may hold the memories of all, and a page has room for a hundred. */
const most = 32;

/** Each variant on one thread, and on two, which must give the same bits. */
export function backends(): () => Promise<Backends> {
  let current: Promise<{ readonly backends: Backends; readonly held: readonly Session[] }> | undefined;
  let given = 0;
  return async () => {
    if (given++ % most === 0) {
      for (const session of (await current)?.held ?? []) await session.dispose();
      current = start();
    }
    return (await current)?.backends ?? [];
  };
}

/** Workers stay as long as there is a program. */
async function start(): Promise<{ readonly backends: Backends; readonly held: readonly Session[] }> {
  const all = Object.entries(variants).flatMap(([name, options]): [string, Backend][] => [
    [name, cpu({ ...options, threads: 1 })],
    [`${name}, two threads`, cpu({ ...options, ...divided })],
  ]);
  const x = input("x", [64]);
  const held: Session[] = [];
  for (const [, backend] of all)
    held.push(await compile<string, string>(graph({ outputs: { y: mul(x, x) } }), { backend }));
  return { backends: all, held };
}
