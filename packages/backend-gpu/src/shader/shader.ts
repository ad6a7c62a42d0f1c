/** A shader: its text, and how many workgroups run it. */

import { declarationsFor } from "../wgsl/functions.js";
import type { Memory } from "./memory.js";

export interface Shader {
  readonly code: string;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** Most workgroups along one dimension of a dispatch, on every device. */
const widest = 65535;

/** Workgroups in a grid as wide as a device takes, and the number of a workgroup in it as an expression. */
export function gridOf(count: number): { readonly workgroups: Shader["workgroups"]; readonly index: string } {
  if (count <= widest) return { workgroups: [count, 1, 1], index: "group.x" };
  const rows = Math.ceil(count / widest);
  const columns = Math.ceil(count / rows);
  return { workgroups: [columns, rows, 1], index: `(group.x + group.y * ${columns}u)` };
}

/** The whole text: what the body calls, bindings, shared memory and the entry point. */
export function assemble(
  memory: Memory,
  shared: readonly string[],
  workgroupSize: readonly number[],
  body: readonly string[],
): string {
  const text = body.join("\n");
  const builtins = [
    "@builtin(workgroup_id) group: vec3<u32>",
    "@builtin(local_invocation_index) local: u32",
    ...(text.includes("subgroup_size") ? ["@builtin(subgroup_size) subgroup_size: u32"] : []),
  ];
  const main = [
    `@compute @workgroup_size(${workgroupSize.join(", ")})`,
    `fn main(${builtins.join(", ")}) {`,
    ...body.map((line) => `  ${line}`),
    "}",
  ].join("\n");
  const halves = memory.bindings.some(({ type, layout }) => type === "f16" && layout !== "words");
  const enabled = [
    ...(halves ? ["enable f16;"] : []),
    ...(text.includes("subgroup") ? ["enable subgroups;"] : []),
  ];
  return [...enabled, memory.declare(), ...shared, declarationsFor(main), main, ""]
    .filter((part, index, all) => part !== "" || index === all.length - 1)
    .join("\n");
}
