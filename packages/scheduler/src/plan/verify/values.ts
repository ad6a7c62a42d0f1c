/**
 * Carries a plan out with names instead of numbers: which value is in which buffer when. It refuses to trust what the plan
 * says of lifetimes, phases and memory.
 */

import { PlanError } from "../error.js";
import type { Phase, Plan, PlanStep } from "../plan.js";
import { mayOverwrite } from "./in-place.js";
import { Ownership } from "./ownership.js";
import { type Content, checkRoom, elementsOf } from "./tables.js";

/** A value of the arena or of a parameter that a step stored. */
export interface Stored extends Content {
  readonly buffer: number;
  readonly step: number;
}

export interface Trace {
  /** In order of time. */
  readonly stored: readonly Stored[];
  /** Steps in which each buffer of the arena is used: the first, and one past the last. */
  readonly lifetimes: ReadonlyMap<number, { readonly lower: number; readonly upper: number }>;
  /** Values that forward steps leave for others, in order of when they are first wanted. */
  readonly retained: readonly Stored[];
  /** Steps that store a value which was stored before. */
  readonly repeated: readonly number[];
}

/** @throws PlanError naming the step that finds something else than it reads, or destroys what is still needed. */
export function traceOf(plan: Plan, leaves: ReadonlyMap<number, Content>): Trace {
  const walk = new Walk(plan, leaves);
  for (const [index, step] of plan.steps.entries()) walk.run(index, step);
  walk.end();
  return walk;
}

/** In place of an operand that `checkTables` has refused. */
const nothing = { dtype: "float32", size: 0 } as const;

class Walk implements Trace {
  readonly stored: Stored[] = [];
  readonly lifetimes = new Map<number, { lower: number; upper: number }>();
  readonly repeated: number[] = [];
  readonly #plan: Plan;
  /** What is in each buffer now; a leaf until something is stored over it. */
  readonly #contents: Map<number, Content | Stored>;
  readonly #arena = new Ownership();
  readonly #retained = new Set<Stored>();
  /** The phase in which each node ran first. */
  readonly #phases = new Map<string, Phase>();
  /** Per kernel and operand, whether it may be overwritten. */
  readonly #inPlace = new Map<string, boolean>();

  constructor(plan: Plan, leaves: ReadonlyMap<number, Content>) {
    this.#plan = plan;
    this.#contents = new Map(leaves);
  }

  get retained(): readonly Stored[] {
    return [...this.#retained];
  }

  run(index: number, step: PlanStep): void {
    const target = step.buffers.length - 1;
    for (let read = 0; read < target; read++) this.#read(index, step, read);
    this.#checkInPlace(index, step);
    this.#checkPhase(index, step);
    this.#store(index, step, target);
  }

  /** Outputs are there at the end, and every buffer was good for something. */
  end(): void {
    const { outputs, steps, buffers } = this.#plan;
    for (const [index, output] of outputs.entries()) {
      const address = `outputs[${index}]`;
      const { buffer, node, dtype } = output;
      if (buffers[buffer] === undefined)
        throw new PlanError(`${address}.buffer`, `is buffer ${buffer}, which does not exist`);
      const found = this.#contents.get(buffer);
      if (found === undefined || !("step" in found))
        throw new PlanError(`${address}.buffer`, `is buffer ${buffer}, where no step leaves a result`);
      this.#compare(found, { node, dtype, size: elementsOf(output) }, buffer, address);
      // What an update stored is an output where it is.
      if (buffers[buffer].space === "arena") this.#touch(buffer, steps.length);
    }
    const idle = buffers.findIndex(({ space }, index) => space === "arena" && !this.lifetimes.has(index));
    if (idle >= 0) throw new PlanError(`buffers[${idle}]`, "is used by no step");
    this.#checkNames();
  }

  #read(index: number, step: PlanStep, read: number): void {
    const { buffers, kernels } = this.#plan;
    const buffer = step.buffers[read] ?? -1;
    const { dtype, size } = kernels[step.kernel]?.buffers[read] ?? nothing;
    const node = step.reads[read] ?? "";
    const found = this.#contents.get(buffer);
    const address = `steps[${index}].reads[${read}]`;
    if (found === undefined)
      throw new PlanError(address, `reads ${node} from buffer ${buffer} before anything writes it`);
    this.#compare(found, { node, dtype, size }, buffer, address);
    if (buffers[buffer]?.space !== "arena") return;
    this.#touch(buffer, index);
    if (!("step" in found)) return;
    if (this.#plan.steps[found.step]?.phase === "forward" && step.phase !== "forward")
      this.#retained.add(found);
    if (step.phase === "forward" && this.#phases.get(node) === "backward")
      throw new PlanError(`steps[${index}].phase`, `is forward, but it reads ${node} of a backward step`);
  }

  #compare(found: Content, { node, dtype, size }: Content, buffer: number, address: string): void {
    const placed = this.#plan.buffers[buffer];
    if (found.node !== node)
      throw new PlanError(address, `finds ${found.node} in buffer ${buffer}, not ${node}`);
    if (found.dtype !== dtype || found.size !== size) {
      const wanted = `${size} of ${dtype}`;
      throw new PlanError(address, `takes ${wanted} from ${node}, which has ${found.size} of ${found.dtype}`);
    }
    if (placed?.space === "arena" && !this.#arena.owns(buffer, placed))
      throw new PlanError(address, `finds ${node} in buffer ${buffer} after part of it was overwritten`);
  }

  /** A step may write over what it reads only where its kernel allows it. */
  #checkInPlace(index: number, { kernel, buffers }: PlanStep): void {
    const target = buffers.length - 1;
    const { aliases = [] } = this.#plan.kernels[kernel] ?? {};
    const claimed = (read: number): boolean => aliases.some(([a, b]) => a === target && b === read);
    for (let read = 0; read < target; read++) {
      const [written = -1, other = -1] = [buffers[target], buffers[read]];
      if (!this.#overlap(written, other)) continue;
      if (written !== other || !claimed(read) || !this.#mayOverwrite(kernel, read))
        throw new PlanError(
          `steps[${index}].buffers[${target}]`,
          `writes over buffer ${other} while reading it`,
        );
    }
  }

  #mayOverwrite(kernel: number, read: number): boolean {
    const key = `${kernel} ${read}`;
    const found = this.#plan.kernels[kernel];
    const known = this.#inPlace.get(key) ?? (found !== undefined && mayOverwrite(found, read));
    this.#inPlace.set(key, known);
    return known;
  }

  #overlap(a: number, b: number): boolean {
    if (a === b) return true;
    const [first, second] = [this.#plan.buffers[a], this.#plan.buffers[b]];
    if (first?.space !== "arena" || second?.space !== "arena" || first.bytes === 0 || second.bytes === 0)
      return false;
    return first.offset < second.offset + second.bytes && second.offset < first.offset + first.bytes;
  }

  #checkPhase(index: number, { phase, nodes: [node = ""], buffers }: PlanStep): void {
    const updates = this.#plan.buffers[buffers.at(-1) ?? -1]?.space === "parameter";
    const again = this.#phases.has(node);
    const must = again ? "recompute" : updates ? "update" : undefined;
    if (must === undefined ? phase === "recompute" || phase === "update" : phase !== must)
      throw new PlanError(`steps[${index}].phase`, `is ${phase}, but the step is ${must ?? "neither"}`);
    if (again && updates) throw new PlanError(`steps[${index}]`, `updates ${node} again`);
    if (again) this.repeated.push(index);
    else this.#phases.set(node, phase);
  }

  #store(index: number, step: PlanStep, target: number): void {
    const { buffers, kernels } = this.#plan;
    const buffer = step.buffers[target] ?? -1;
    const { dtype, size } = kernels[step.kernel]?.buffers[target] ?? nothing;
    const content: Stored = { node: step.nodes[0] ?? "", dtype, size, buffer, step: index };
    const address = `steps[${index}].buffers[${target}]`;
    const placed = buffers[buffer];
    const before = this.#contents.get(buffer);
    if (placed?.space === "parameter") {
      const whole = before !== undefined && before.dtype === dtype && before.size === size;
      if (!whole || "step" in before)
        throw new PlanError(address, `cannot update buffer ${buffer} with ${size} of ${dtype}`);
    } else if (placed?.space === "arena") {
      if (before !== undefined && !step.buffers.slice(0, target).includes(buffer))
        throw new PlanError(address, `stores ${content.node} over ${before.node} without reading it`);
      checkRoom(this.#plan, buffer, content, address);
      this.#arena.claim(buffer, placed);
      this.#touch(buffer, index);
    } else throw new PlanError(address, `writes to buffer ${buffer}, one of ${placed?.space}`);
    this.#contents.set(buffer, content);
    this.stored.push(content);
  }

  #touch(buffer: number, step: number): void {
    const known = this.lifetimes.get(buffer);
    if (known === undefined) this.lifetimes.set(buffer, { lower: step, upper: step + 1 });
    else known.upper = step + 1;
  }

  /** The nodes of a buffer of the arena are those stored there, in order. */
  #checkNames(): void {
    const stored = new Map<number, string[]>();
    for (const { buffer, node } of this.stored) {
      const names = stored.get(buffer);
      if (names === undefined) stored.set(buffer, [node]);
      else names.push(node);
    }
    for (const [index, { space, nodes }] of this.#plan.buffers.entries()) {
      const names = stored.get(index) ?? [];
      if (
        space !== "arena" ||
        (nodes.length === names.length && nodes.every((node, at) => node === names[at]))
      )
        continue;
      throw new PlanError(
        `buffers[${index}].nodes`,
        `are ${nodes.join(", ")}, but ${names.join(", ")} are stored`,
      );
    }
  }
}
