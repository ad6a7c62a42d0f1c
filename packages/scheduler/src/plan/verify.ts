/**
 * The replay verifier: executes a plan symbolically, byte range by byte range, and checks what the planner promised.
 * It shares no code with the planner; what a kernel may overwrite of what it reads, it takes from the kernel.
 */

import { type DType, dtypes, VerificationError } from "@adjoint/core";
import { flopsOf, verifyKernel } from "@adjoint/core/kernel";
import type { Plan, PlanBuffer, PlanMemory, PlanStep } from "./plan.js";

/** What a replay measured. */
export interface Replay {
  /** Top of the arena touched. */
  readonly arenaBytes: number;
  /** Largest sum of buffers that hold a value still to be read. */
  readonly maxLiveBytes: number;
}

/**
 * Replays a plan.
 * @throws VerificationError naming the step that reads what is not there, overwrites what is still needed, or the figure
 * in `plan.memory` that is not so.
 */
export function verifyPlan(plan: Plan): Replay {
  checkReferences(plan);
  for (const [index, kernel] of plan.kernels.entries()) verifyKernel(kernel, `kernels[${index}]`);
  checkSizes(plan);
  checkSpaces(plan);
  const arena = new Ownership();
  const everWritten = new Set<number>();
  for (const [index, step] of plan.steps.entries()) {
    const kernel = plan.kernels[step.kernel];
    for (const [position, buffer] of step.buffers.entries()) {
      if (kernel?.buffers[position]?.access !== "write")
        checkReadable(plan, index, buffer, arena, everWritten);
    }
    checkInPlace(plan, index, step);
    for (const [position, buffer] of step.buffers.entries()) {
      if (kernel?.buffers[position]?.access === "read") continue;
      everWritten.add(buffer);
      const placed = plan.buffers[buffer];
      if (placed?.space === "arena") arena.claim(buffer, placed.offset, placed.offset + placed.bytes);
    }
  }
  for (const { name, buffer } of plan.outputs) {
    if (plan.buffers[buffer]?.space === "arena" && !arena.owns(buffer, plan.buffers[buffer])) {
      fail(`output ${name} is overwritten before the step ends`, name);
    }
  }
  const replay = { arenaBytes: topOf(plan), maxLiveBytes: peakOf(plan) };
  const budget = plan.memory.budgetBytes ?? Number.POSITIVE_INFINITY;
  if (replay.arenaBytes > budget)
    fail(`the arena of ${replay.arenaBytes} bytes is over the budget of ${budget}`, "arenaBytes");
  checkFigures(plan, { ...replay, ...totalsOf(plan) });
  return replay;
}

function checkFigures({ memory }: Plan, replayed: Readonly<Partial<Record<keyof PlanMemory, number>>>): void {
  for (const [figure, value] of Object.entries(replayed)) {
    const stated = Object.entries(memory).find(([name]) => name === figure)?.[1];
    if (stated !== value)
      fail(`memory.${figure} is stated as ${String(stated)} but replays as ${value}`, figure);
  }
}

function totalsOf({
  buffers,
  parameters,
  memory,
  steps,
  kernels,
}: Plan): Partial<Record<keyof PlanMemory, number>> {
  const inSpace = (space: PlanBuffer["space"]): number =>
    buffers.reduce((total, buffer) => total + (buffer.space === space ? buffer.bytes : 0), 0);
  const work = (list: readonly PlanStep[]): number =>
    list.reduce(
      (total, { kernel }) => total + (kernels[kernel] === undefined ? 0 : flopsOf(kernels[kernel])),
      0,
    );
  const ran = new Set<string>();
  const again = steps.filter(({ nodes: [node = ""] }) => ran.size === ran.add(node).size);
  const states = parameters.filter(({ role }) => role === "state");
  return {
    parameterBytes: inSpace("parameter"),
    inputBytes: inSpace("input"),
    constantBytes: inSpace("constant"),
    stateBytes: states.reduce((total, { buffer }) => total + (buffers[buffer]?.bytes ?? 0), 0),
    flops: work(steps),
    recomputedFlops: work(again),
    retainedBytes: memory.retained.reduce((total, { bytes }) => total + bytes, 0),
  };
}

/** Every buffer is large enough, and lies right, for what kernels and the host put into it. */
function checkSizes(plan: Plan): void {
  const need = (buffer: number, elements: number, dtype: DType, what: string): void => {
    const bytes = elements * dtypes[dtype].bytes;
    const placed = plan.buffers[buffer];
    if (placed !== undefined && placed.bytes < bytes) {
      fail(`${what} needs ${bytes} bytes of buffer ${buffer}, which has ${placed.bytes}`, what);
    }
    if (placed !== undefined && placed.offset % dtypes[dtype].bytes !== 0)
      fail(`${what} finds elements of ${dtype} at byte ${placed.offset}, amid two of them`, what);
  };
  for (const [index, step] of plan.steps.entries()) {
    for (const [position, { dtype, size }] of (plan.kernels[step.kernel]?.buffers ?? []).entries()) {
      need(step.buffers[position] ?? -1, size, dtype, `step ${index}`);
    }
  }
  for (const { name, buffer, dtype, shape } of [...plan.inputs, ...plan.parameters, ...plan.outputs]) {
    need(
      buffer,
      shape.reduce((product, extent) => product * extent, 1),
      dtype,
      name,
    );
  }
  for (const { buffer, dtype, values } of plan.constants)
    need(buffer, values.length, dtype, `constant ${buffer}`);
}

/** Inputs and constants are all there at once: none may overlap another. */
function checkSpaces({ buffers }: Plan): void {
  for (const space of ["input", "constant"] as const) {
    const placed = buffers.filter((buffer) => buffer.space === space && buffer.bytes > 0);
    placed.sort((a, b) => a.offset - b.offset);
    for (const [position, { offset, bytes, nodes }] of placed.entries()) {
      const next = placed[position + 1];
      if (next !== undefined && next.offset < offset + bytes) {
        fail(`${space}s ${nodes.join(", ")} and ${next.nodes.join(", ")} overlap`, nodes.join(", "));
      }
    }
  }
}

function fail(problem: string, address: string): never {
  throw new VerificationError(`The plan is wrong: ${problem}.`, address);
}

function checkReferences(plan: Plan): void {
  for (const [index, step] of plan.steps.entries()) {
    const kernel = plan.kernels[step.kernel];
    if (kernel === undefined)
      fail(`step ${index} runs kernel ${step.kernel}, which does not exist`, `steps[${index}]`);
    if (kernel.buffers.length !== step.buffers.length) {
      fail(
        `step ${index} binds ${step.buffers.length} of ${kernel.buffers.length} buffers`,
        `steps[${index}]`,
      );
    }
    for (const buffer of step.buffers) {
      if (plan.buffers[buffer] === undefined)
        fail(`step ${index} binds buffer ${buffer}, which does not exist`, `steps[${index}]`);
    }
  }
  for (const { name, buffer } of [...plan.inputs, ...plan.parameters, ...plan.outputs]) {
    if (plan.buffers[buffer] === undefined)
      fail(`${name} is in buffer ${buffer}, which does not exist`, name);
  }
}

function checkReadable(
  plan: Plan,
  index: number,
  buffer: number,
  arena: Ownership,
  written: ReadonlySet<number>,
): void {
  const placed = plan.buffers[buffer];
  if (placed?.space !== "arena") return;
  const what = `step ${index} (${plan.steps[index]?.nodes[0] ?? ""}) reads buffer ${buffer} (${placed.nodes.join(", ")})`;
  if (!written.has(buffer)) fail(`${what} before anything writes it`, `steps[${index}]`);
  if (!arena.owns(buffer, placed)) fail(`${what} after part of it was overwritten`, `steps[${index}]`);
}

/** A step may overwrite what it reads only where its kernel allows it. */
function checkInPlace(plan: Plan, index: number, step: PlanStep): void {
  const kernel = plan.kernels[step.kernel];
  if (kernel === undefined) return;
  for (const [written, buffer] of step.buffers.entries()) {
    if (kernel.buffers[written]?.access === "read") continue;
    for (const [read, other] of step.buffers.entries()) {
      if (read === written || !overlaps(plan, buffer, other)) continue;
      const allowed = buffer === other && kernel.aliases.some(([a, b]) => a === written && b === read);
      if (!allowed) fail(`step ${index} writes over buffer ${other} while reading it`, `steps[${index}]`);
    }
  }
}

function overlaps(plan: Plan, a: number, b: number): boolean {
  const [first, second] = [plan.buffers[a], plan.buffers[b]];
  if (a === b) return true;
  if (first?.space !== "arena" || second?.space !== "arena" || first.bytes === 0 || second.bytes === 0)
    return false;
  return first.offset < second.offset + second.bytes && second.offset < first.offset + first.bytes;
}

function topOf(plan: Plan): number {
  return plan.buffers.reduce(
    (top, { space, offset, bytes }) => (space === "arena" ? Math.max(top, offset + bytes) : top),
    0,
  );
}

/** From first write to last read, the steps at the ends included; outputs last one step longer. */
function peakOf(plan: Plan): number {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  for (const [index, step] of plan.steps.entries()) {
    for (const buffer of step.buffers) {
      if (plan.buffers[buffer]?.space !== "arena") continue;
      if (!first.has(buffer)) first.set(buffer, index);
      last.set(buffer, index);
    }
  }
  for (const { buffer } of plan.outputs) if (first.has(buffer)) last.set(buffer, plan.steps.length);
  const starting = new Map<number, number>();
  const ending = new Map<number, number>();
  for (const [buffer, step] of first) {
    const bytes = plan.buffers[buffer]?.bytes ?? 0;
    const end = last.get(buffer) ?? step;
    starting.set(step, (starting.get(step) ?? 0) + bytes);
    ending.set(end, (ending.get(end) ?? 0) + bytes);
  }
  let live = 0;
  let peak = 0;
  for (let step = 0; step <= plan.steps.length; step++) {
    live += starting.get(step) ?? 0;
    peak = Math.max(peak, live);
    live -= ending.get(step) ?? 0;
  }
  return peak;
}

/** Which buffer last wrote each byte range of the arena: disjoint segments in order. */
class Ownership {
  #segments: { readonly start: number; readonly end: number; readonly owner: number }[] = [];

  claim(owner: number, start: number, end: number): void {
    if (start === end) return;
    const from = this.#firstEndingAfter(start);
    let to = from;
    const pieces: { start: number; end: number; owner: number }[] = [];
    for (; to < this.#segments.length; to++) {
      const segment = this.#segments[to];
      if (segment === undefined || segment.start >= end) break;
      if (segment.start < start) pieces.push({ ...segment, end: start });
      if (segment.end > end) pieces.push({ ...segment, start: end });
    }
    pieces.push({ start, end, owner });
    pieces.sort((a, b) => a.start - b.start);
    this.#segments.splice(from, to - from, ...pieces);
  }

  owns(owner: number, placed: PlanBuffer | undefined): boolean {
    if (placed === undefined || placed.bytes === 0) return true;
    const segment = this.#segments[this.#firstEndingAfter(placed.offset)];
    const end = placed.offset + placed.bytes;
    return (
      segment !== undefined && segment.owner === owner && segment.start <= placed.offset && segment.end >= end
    );
  }

  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle]?.end ?? Infinity) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
