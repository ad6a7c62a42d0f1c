/** The text form of kernels, for people and golden files. It refuses to be parsed: kernels travel as JSON inside plans. */

import { type Affine, formatAffine } from "../lowering/affine.js";
import { isConstant, isOperation } from "../scalar/scalar.js";
import type { Kernel, KernelScalar, Location, Stage } from "./kernel.js";
import { inputsOf, rootsOf, scalarsOf } from "./walk.js";

/** One line per axis, named scalar, accumulation and store. */
export function printKernel(kernel: Kernel, name = "kernel"): string {
  const lines = [`${name}(`];
  for (const [index, { dtype, size, access }] of kernel.buffers.entries()) {
    lines.push(`  ${access} b${index}: ${dtype}[${size}]`);
  }
  lines.push(")");
  let indent = "  ";
  for (const [axis, { extent, order }] of kernel.axes.entries()) {
    lines.push(`${indent}${order} i${axis} < ${extent}`);
    indent += "  ";
  }
  for (const [position, stage] of kernel.stages.entries()) {
    lines.push(...printStage(kernel, stage, position, indent));
  }
  for (const [written, read] of kernel.aliases) lines.push(`  b${written} may be b${read}`);
  return `${lines.join("\n")}\n`;
}

function printStage(kernel: Kernel, stage: Stage, position: number, indentation: string): string[] {
  const lines = [`${indentation}stage ${position}`];
  let indent = `${indentation}  `;
  for (const [index, extent] of stage.axes.entries()) {
    lines.push(`${indent}for i${kernel.axes.length + index} < ${extent}`);
    indent += "  ";
  }
  const names = namesOf(stage, position);
  const text = (scalar: KernelScalar): string => names.get(scalar) ?? expression(scalar, text);
  for (const [scalar, name] of names) lines.push(`${indent}${name} = ${expression(scalar, text)}`);
  for (const [index, { combine, value }] of stage.accumulators.entries()) {
    lines.push(`${indent}a${position}_${index} ${combine}= ${text(value)}`);
  }
  for (const store of stage.stores) {
    lines.push(`${indent}${location(store, text)} ${store.combine ?? ""}= ${text(store.value)}`);
  }
  return lines;
}

/** Names for operations that are used more than once or nested deeper than a line can show. */
function namesOf(stage: Stage, position: number): Map<KernelScalar, string> {
  const uses = new Map<KernelScalar, number>();
  const order = scalarsOf(rootsOf(stage));
  for (const scalar of order) {
    for (const input of inputsOf(scalar)) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  const depths = new Map<KernelScalar, number>();
  const names = new Map<KernelScalar, string>();
  for (const scalar of order) {
    const depth = 1 + Math.max(0, ...inputsOf(scalar).map((input) => depths.get(input) ?? 0));
    const named = scalar.kind !== "constant" && ((uses.get(scalar) ?? 0) > 1 || depth > 4);
    depths.set(scalar, named ? 0 : depth);
    if (named) names.set(scalar, `v${position}_${names.size}`);
  }
  return names;
}

function expression(scalar: KernelScalar, text: (scalar: KernelScalar) => string): string {
  if (isConstant(scalar)) return `${scalar.value}`;
  if (isOperation(scalar)) {
    const dtype = scalar.op === "cast" || scalar.op === "bitcast" ? `<${scalar.dtype}>` : "";
    return `${scalar.op}${dtype}(${scalar.inputs.map(text).join(", ")})`;
  }
  if (scalar.kind === "coordinate") return `i${scalar.axis}`;
  if (scalar.kind === "accumulator") return `a${scalar.stage}_${scalar.index}`;
  return location(scalar, text) + (guarded(scalar) ? ` else ${scalar.fill}` : "");
}

function guarded({ bounds, indirect }: Location): boolean {
  return bounds.length + indirect.length > 0;
}

function location(at: Location, text: (scalar: KernelScalar) => string): string {
  const affine = (value: Affine): string => formatAffine(value, (axis) => `i${axis}`);
  const computed = at.indirect.map(
    ({ index, stride, extent }) => ` + ${stride}*(${text(index)} in ${extent})`,
  );
  const bounds = at.bounds.map(({ value, extent }) => `0 <= ${affine(value)} < ${extent}`);
  const condition = bounds.length > 0 ? ` if ${bounds.join(" and ")}` : "";
  return `b${at.buffer}[${affine(at.offset)}${computed.join("")}]${condition}`;
}
