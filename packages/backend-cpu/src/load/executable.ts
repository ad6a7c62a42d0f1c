/** Loaded plans: host data in and out of the memory, and one call per step. Nothing is allocated but fresh outputs. */

import { DisposedError, type DType, NameError, sizeOf } from "@adjoint/core";
import type { Executable, HostArray, Plan } from "@adjoint/scheduler/plan";
import { type MemoryArray, readArray, viewOf, writeArray } from "./host.js";
import type { Layout } from "./layout.js";
import { required } from "./required.js";
import type { Step } from "./together.js";

/** A named tensor and where its elements are. */
interface Slot {
  readonly name: string;
  readonly dtype: DType;
  readonly view: MemoryArray;
}

interface Program {
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  readonly run: () => void;
}

interface Loaded {
  readonly parameters: ReadonlyMap<string, Slot>;
  readonly programs: ReadonlyMap<string, Program>;
}

export class CpuExecutable implements Executable {
  readonly bytes: number;
  readonly scratchBytes: number;
  readonly inFlight = 1;
  readonly #onDispose: () => void;
  #loaded: Loaded | undefined;

  constructor(
    plans: ReadonlyMap<string, Plan>,
    layout: Layout,
    memory: WebAssembly.Memory,
    bytes: number,
    steps: ReadonlyMap<string, Step>,
    onDispose: () => void,
  ) {
    this.bytes = bytes;
    this.scratchBytes = bytes - layout.bytes;
    this.#onDispose = onDispose;
    this.#loaded = {
      parameters: new Map(
        [...layout.parameters].map(([name, { dtype, address, size }]) => {
          return [name, { name, dtype, view: viewOf(memory.buffer, dtype, address, size) }];
        }),
      ),
      programs: new Map(
        [...plans].map(([name, plan]) => [name, programOf(name, plan, layout, memory, steps)]),
      ),
    };
  }

  async write(parameter: string, data: HostArray): Promise<void> {
    const { view, dtype } = this.#parameter(parameter);
    writeArray(view, dtype, data, `Parameter ${parameter}`);
  }

  async read(parameter: string): Promise<HostArray> {
    const { view, dtype } = this.#parameter(parameter);
    return readArray(view, dtype);
  }

  async run(
    program: string,
    feeds: ReadonlyMap<string, HostArray>,
    names?: readonly string[],
  ): Promise<ReadonlyMap<string, HostArray>> {
    const { inputs, outputs, run } = named(this.#open().programs, program, "program");
    for (const { name, dtype, view } of inputs) {
      const data = feeds.get(name);
      if (data === undefined) throw new NameError(`Program ${program} needs a feed for input ${name}.`, name);
      writeArray(view, dtype, data, `Input ${name}`);
    }
    if (feeds.size > inputs.length) {
      const unknown = [...feeds.keys()].find((name) => inputs.every((input) => input.name !== name));
      throw new NameError(`Program ${program} has no input ${unknown}.`, unknown);
    }
    run();
    const read = new Map<string, HostArray>();
    for (const { name, dtype, view } of outputs) {
      if (names?.includes(name) ?? true) read.set(name, readArray(view, dtype));
    }
    return read;
  }

  async output(program: string, name: string): Promise<HostArray> {
    const { outputs } = named(this.#open().programs, program, "program");
    const found = outputs.find((output) => output.name === name);
    if (found === undefined) throw new NameError(`Program ${program} has no output ${name}.`, name);
    return readArray(found.view, found.dtype);
  }

  async dispose(): Promise<void> {
    if (this.#loaded === undefined) return;
    this.#loaded = undefined;
    this.#onDispose();
  }

  #parameter(name: string): Slot {
    return named(this.#open().parameters, name, "parameter");
  }

  #open(): Loaded {
    if (this.#loaded === undefined)
      throw new DisposedError("This executable has been disposed: load the plans again.");
    return this.#loaded;
  }
}

function named<V>(map: ReadonlyMap<string, V>, name: string, what: string): V {
  const value = map.get(name);
  if (value !== undefined) return value;
  throw new NameError(`There is no ${what} ${name}; there is ${[...map.keys()].join(", ") || "none"}.`, name);
}

function programOf(
  program: string,
  plan: Plan,
  layout: Layout,
  memory: WebAssembly.Memory,
  steps: ReadonlyMap<string, Step>,
): Program {
  const { addresses } = required(layout.programs.get(program), `program ${program}`, program);
  const view = (dtype: DType, buffer: number, size: number): MemoryArray => {
    const address = required(addresses[buffer], `buffer ${buffer}`, program);
    return viewOf(memory.buffer, dtype, address, size);
  };
  const slot = ({ name, dtype, shape, buffer }: Plan["inputs"][number]): Slot => {
    return { name, dtype, view: view(dtype, buffer, sizeOf(shape)) };
  };
  for (const { buffer, dtype, values } of plan.constants) {
    view(dtype, buffer, values.length).set(values);
  }
  return {
    inputs: plan.inputs.map(slot),
    outputs: plan.outputs.map(slot),
    run: named(steps, program, "program"),
  };
}
