/**
 * The emulator: a backend that runs plans with the kernel interpreter in float64. It defines what every backend must give
 * and refuses to be fast.
 */

import { AdjointError } from "@adjoint/core";
import { interpretKernel } from "@adjoint/core/kernel";
import type { Plan } from "../plan/plan.js";
import type { Backend, Executable, HostArray } from "./backend.js";

/** Floats are kept and returned in float64 whatever their dtype. */
export function reference(): Backend {
  return {
    target: { name: "reference", dtypes: ["float32", "float64", "int32", "uint32", "bool"], alignment: 8 },
    load: (plans) => Promise.resolve(new Emulator(plans)),
  };
}

class Emulator implements Executable {
  readonly bytes: number;
  readonly scratchBytes = 0;
  readonly inFlight = 1;
  readonly #plans: ReadonlyMap<string, Plan>;
  readonly #parameters = new Map<string, Float64Array>();
  readonly #outputs = new Map<string, ReadonlyMap<string, Float64Array>>();

  constructor(plans: ReadonlyMap<string, Plan>) {
    this.#plans = plans;
    this.bytes = [...plans.values()].reduce(
      (total, { buffers }) => total + sum(buffers.map(({ bytes }) => bytes)),
      0,
    );
  }

  write(parameter: string, data: HostArray): Promise<void> {
    this.#parameters.set(parameter, Float64Array.from(data));
    return Promise.resolve();
  }

  read(parameter: string): Promise<HostArray> {
    return Promise.resolve(this.#parameter(parameter).slice());
  }

  run(program: string, feeds: ReadonlyMap<string, HostArray>): Promise<ReadonlyMap<string, HostArray>> {
    const plan = this.#plans.get(program);
    if (plan === undefined) throw new AdjointError(`No program "${program}" is loaded.`, program);
    const memory: Float64Array[] = plan.buffers.map(({ bytes }) => new Float64Array(bytes / 4));
    for (const { name, buffer } of plan.parameters) memory[buffer] = this.#parameter(name);
    for (const { name, buffer } of plan.inputs) memory[buffer] = Float64Array.from(feeds.get(name) ?? []);
    for (const { buffer, values } of plan.constants) memory[buffer] = Float64Array.from(values);
    for (const { kernel, buffers } of plan.steps) {
      const code = plan.kernels[kernel];
      if (code !== undefined)
        interpretKernel(
          code,
          buffers.map((buffer) => memory[buffer] ?? new Float64Array()),
        );
    }
    const outputs = plan.outputs.map(({ name, shape, buffer }) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [name, (memory[buffer] ?? new Float64Array()).slice(0, size)] as const;
    });
    const results = new Map(outputs);
    this.#outputs.set(program, results);
    return Promise.resolve(new Map([...results].map(([name, data]) => [name, data.slice()])));
  }

  output(program: string, name: string): Promise<HostArray> {
    const value = this.#outputs.get(program)?.get(name);
    if (value === undefined) throw new AdjointError(`Program ${program} has left no output "${name}".`, name);
    return Promise.resolve(value.slice());
  }

  dispose(): Promise<void> {
    this.#parameters.clear();
    return Promise.resolve();
  }

  #parameter(name: string): Float64Array {
    const value = this.#parameters.get(name);
    if (value === undefined) throw new AdjointError(`Parameter "${name}" has no value yet.`, name);
    return value;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
