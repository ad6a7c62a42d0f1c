/** The text form of a plan, for people and golden files. */

import type { Plan, PlanBuffer } from "./plan.js";

/** One line per buffer and step, then the memory figures. */
export function printPlan(plan: Plan): string {
  const lines = [`plan for ${plan.target}`];
  for (const [index, buffer] of plan.buffers.entries()) lines.push(`  ${printBuffer(index, buffer)}`);
  for (const [index, { kernel, buffers, phase, nodes }] of plan.steps.entries()) {
    const reads = buffers.slice(0, -1).map((buffer) => `b${buffer}`);
    lines.push(
      `  ${index}: ${phase} k${kernel}(${reads.join(", ")}) -> b${buffers.at(-1) ?? 0} ; ${nodes.join(" ")}`,
    );
  }
  for (const { name, buffer } of plan.outputs) lines.push(`  output ${name} = b${buffer}`);
  for (const [name, figure] of Object.entries(plan.memory)) {
    if (typeof figure === "number") lines.push(`  ${name}: ${figure}`);
  }
  for (const { node, bytes } of plan.memory.retained) lines.push(`  retained ${node}: ${bytes}`);
  return `${lines.join("\n")}\n`;
}

function printBuffer(index: number, { space, offset, bytes, lower, upper, nodes }: PlanBuffer): string {
  const place =
    space === "arena"
      ? `arena [${offset}, ${offset + bytes}) steps [${lower}, ${upper})`
      : `${space} ${bytes} bytes`;
  return `b${index}: ${place} ; ${nodes.join(" ")}`;
}
