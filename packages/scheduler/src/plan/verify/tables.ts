/**
 * What must hold of the tables of a plan before anything runs: what they refer to exists, every leaf has a buffer of its own
 * that is as large as what it holds. It refuses to look at the order of steps.
 */

import { type DType, dtypes } from "@adjoint/core";
import { verifyKernel } from "@adjoint/core/kernel";
import { PlanError } from "../error.js";
import type { Plan, PlanBuffer, Space, TensorSlot } from "../plan.js";

/** A tensor as kernels see it. */
export interface Content {
  readonly node: string;
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
}

/** @throws PlanError. What is in the buffers of leaves, by buffer. */
export function checkTables(plan: Plan): Map<number, Content> {
  const { alignment, buffers, memory } = plan;
  if (!Number.isSafeInteger(alignment) || alignment < 1)
    throw new PlanError("alignment", `is ${alignment}, which no address is a multiple of`);
  for (const [index, buffer] of buffers.entries()) checkPlace(buffer, `buffers[${index}]`, alignment);
  checkApart(plan, "input", memory.inputBytes);
  checkApart(plan, "constant", memory.constantBytes);
  checkSteps(plan);
  return leavesOf(plan);
}

function checkPlace({ space, offset, bytes }: PlanBuffer, address: string, alignment: number): void {
  for (const [field, value] of Object.entries({ offset, bytes })) {
    if (!Number.isSafeInteger(value) || value < 0 || value % alignment !== 0)
      throw new PlanError(`${address}.${field}`, `is ${value}, not a multiple of ${alignment} bytes`);
  }
  if (space === "parameter" && offset !== 0)
    throw new PlanError(`${address}.offset`, `is ${offset}; backends place parameters themselves`);
}

/** Inputs and constants are all there at once: none may overlap another, and they fill their space. */
function checkApart({ buffers }: Plan, space: Space, total: number): void {
  const placed = [...buffers.entries()].filter(([, buffer]) => buffer.space === space);
  placed.sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes);
  let end = 0;
  let before = "";
  for (const [index, { offset, bytes, nodes }] of placed) {
    if (offset < end)
      throw new PlanError(`buffers[${index}].offset`, `makes ${nodes.join(", ")} overlap ${before}`);
    end = offset + bytes;
    before = nodes.join(", ");
    if (end > total)
      throw new PlanError(
        `buffers[${index}].offset`,
        `puts ${before} beyond the ${total} bytes of ${space}s`,
      );
  }
}

function checkSteps({ buffers, kernels, steps }: Plan): void {
  const run = new Set<number>();
  for (const [index, step] of steps.entries()) {
    const address = `steps[${index}]`;
    const kernel = kernels[step.kernel];
    if (kernel === undefined)
      throw new PlanError(`${address}.kernel`, `is kernel ${step.kernel}, which does not exist`);
    run.add(step.kernel);
    if (kernel.buffers.length !== step.buffers.length)
      throw new PlanError(
        `${address}.buffers`,
        `binds ${step.buffers.length} of ${kernel.buffers.length} buffers`,
      );
    for (const [position, buffer] of step.buffers.entries()) {
      if (buffers[buffer] === undefined)
        throw new PlanError(`${address}.buffers[${position}]`, `is buffer ${buffer}, which does not exist`);
    }
    if (step.reads.length !== step.buffers.length - 1)
      throw new PlanError(
        `${address}.reads`,
        `names ${step.reads.length} of ${step.buffers.length - 1} values`,
      );
    if (step.nodes.length === 0) throw new PlanError(`${address}.nodes`, "does not say what is stored");
  }
  for (const [index, kernel] of kernels.entries()) {
    verifyKernel(kernel, `kernels[${index}]`);
    if (!run.has(index)) throw new PlanError(`kernels[${index}]`, "is run by no step");
    for (const [position, { access }] of kernel.buffers.entries()) {
      const must = position === kernel.buffers.length - 1 ? "write" : "read";
      if (access !== must)
        throw new PlanError(`kernels[${index}].buffers[${position}].access`, `is ${access}, not ${must}`);
    }
  }
}

/** Each parameter, input and constant has one buffer of its space, and each such buffer one of them. */
function leavesOf(plan: Plan): Map<number, Content> {
  const leaves = new Map<number, Content>();
  const add = (space: Space, address: string, { buffer, ...content }: Content & { buffer: number }): void => {
    const placed = plan.buffers[buffer];
    if (placed?.space !== space) {
      const problem = placed === undefined ? "which does not exist" : `which is one of ${placed.space}`;
      throw new PlanError(`${address}.buffer`, `is buffer ${buffer}, ${problem}`);
    }
    const other = leaves.get(buffer);
    if (other !== undefined)
      throw new PlanError(`${address}.buffer`, `is buffer ${buffer}, which ${other.node} is in`);
    checkRoom(plan, buffer, content, address);
    if (placed.nodes.length !== 1 || placed.nodes[0] !== content.node)
      throw new PlanError(
        `buffers[${buffer}].nodes`,
        `are ${placed.nodes.join(", ")}, where ${address} puts ${content.node}`,
      );
    leaves.set(buffer, content);
  };
  checkNames(plan.parameters, "parameters");
  checkNames(plan.inputs, "inputs");
  checkNames(plan.outputs, "outputs");
  for (const [index, slot] of plan.parameters.entries()) {
    const address = `parameters[${index}]`;
    const content = { node: slot.name, dtype: slot.dtype, size: elementsOf(slot) };
    add("parameter", address, { ...content, buffer: slot.buffer });
    const { initializer } = slot;
    if (initializer.kind === "values" && initializer.values.length !== content.size)
      throw new PlanError(
        `${address}.initializer`,
        `has ${initializer.values.length} of ${content.size} values`,
      );
  }
  for (const [index, slot] of plan.inputs.entries()) {
    const content = { node: slot.name, dtype: slot.dtype, size: elementsOf(slot) };
    add("input", `inputs[${index}]`, { ...content, buffer: slot.buffer });
  }
  for (const [index, { buffer, dtype, values }] of plan.constants.entries()) {
    const node = plan.buffers[buffer]?.nodes[0] ?? "";
    add("constant", `constants[${index}]`, { node, dtype, size: values.length, buffer });
  }
  const lost = plan.buffers.findIndex(({ space }, index) => space !== "arena" && !leaves.has(index));
  if (lost >= 0)
    throw new PlanError(`buffers[${lost}]`, `is one of ${plan.buffers[lost]?.space}, but holds none`);
  return leaves;
}

function checkNames(slots: readonly TensorSlot[], list: string): void {
  const seen = new Set<string>();
  for (const [index, { name }] of slots.entries()) {
    if (seen.has(name)) throw new PlanError(`${list}[${index}].name`, `is ${name}, as that of another`);
    seen.add(name);
  }
}

export function elementsOf({ shape }: TensorSlot): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** A buffer has the bytes of what is put into it, rounded up to the alignment, where elements of the dtype can lie. */
export function checkRoom(
  { alignment, buffers }: Plan,
  buffer: number,
  { node, dtype, size }: Content,
  address: string,
): void {
  const placed = buffers[buffer];
  const width = dtypes[dtype].bytes;
  const needed = Math.ceil((size * width) / alignment) * alignment;
  if (placed?.bytes !== needed)
    throw new PlanError(
      address,
      `needs ${needed} bytes for ${node}; buffers[${buffer}].bytes is ${placed?.bytes}`,
    );
  if (placed.offset % width !== 0)
    throw new PlanError(address, `finds ${dtype}s of ${node} at byte ${placed.offset}, amid two of them`);
}
