// How random nodes of the catalogue's ops are built from nodes that are there. Ops without attributes and reductions
// need no line here.

import {
  AdjointError,
  type AttributeValues,
  broadcastShapes,
  broadcastTo,
  cast,
  createNode,
  type DType,
  matmul,
  type Node,
  type Op,
  reshape,
  type Shape,
  sizeOf,
  transpose,
} from "@adjoint/core";
import type { Draw } from "./draw.js";
import { movements } from "./movement.js";

/** With axes of extent 1 and 0. */
export const shapes: readonly Shape[] = [
  [],
  [1],
  [2],
  [3],
  [2, 3],
  [3, 2],
  [1, 3],
  [2, 1],
  [2, 1, 3],
  [0],
  [2, 0],
  [1, 1],
];

/** Builds one node of an op from nodes that are there, or nothing where none fits. */
export type Rule = (op: Op, pool: readonly Node[], draw: Draw, allowed: readonly DType[]) => Node | undefined;

const rules: Readonly<Record<string, Rule>> = {
  where: (op, pool, draw) => {
    const condition = draw.rotated(pool).find((node) => node.dtype === "bool");
    const [a, b] = pair(pool, draw);
    return condition && a && b && built(op, [condition, a, b]);
  },
  matmul: (_, pool, draw) => {
    const a = draw.rotated(pool).find((node) => node.dtype !== "bool" && node.shape.length >= 2);
    if (a === undefined) return undefined;
    const b = draw
      .rotated(pool)
      .find((node) => node.dtype === a.dtype && node.shape.at(-2) === a.shape.at(-1));
    return attempt(() => matmul(a, b ?? transpose(a))) ?? matmul(a, transpose(a));
  },
  transpose: (op, pool, draw) => {
    const x = draw.late(pool);
    if (x === undefined) return undefined;
    const permutation: number[] = [];
    for (const axis of x.shape.keys()) permutation.splice(draw.below(axis + 1), 0, axis);
    return built(op, [x], { permutation });
  },
  reshape: (_, pool, draw) => {
    const x = draw.late(pool);
    if (x === undefined) return undefined;
    const size = sizeOf(x.shape);
    const fitting = [
      [size],
      [1, size],
      [size, 1],
      [...x.shape, 1],
      [1, ...x.shape],
      x.shape.filter((n) => n !== 1),
    ];
    return reshape(x, draw.of(fitting) ?? x.shape);
  },
  broadcastTo: (_, pool, draw) => {
    const x = draw.late(pool);
    return x && broadcastTo(x, broadcastShapes([x.shape, draw.of(shapes) ?? []]) ?? [2, ...x.shape]);
  },
  cast: (_, pool, draw, allowed) => {
    const x = draw.late(pool);
    return x && cast(x, draw.of(allowed) ?? "float32");
  },
};

/** Ops that reduce take axes and keepDims, whatever they are called. */
function reduction(op: Op, pool: readonly Node[], draw: Draw): Node | undefined {
  const x = draw.late(pool);
  const axes = x?.shape.flatMap((_, axis) => (draw.below(2) === 1 ? [axis] : []));
  return x && axes && built(op, [x], { axes, keepDims: draw.below(2) === 1 });
}

/** Ops without attributes on one or two operands. */
function elementwise(op: Op, pool: readonly Node[], draw: Draw): Node | undefined {
  for (let tries = 0; tries < 4; tries++) {
    const operands = op.operands.length === 1 ? [draw.late(pool)] : pair(pool, draw);
    const node = built(
      op,
      operands.filter((operand) => operand !== undefined),
    );
    if (node !== undefined) return node;
  }
  return undefined;
}

/** How to build nodes of an op, or nothing where no rule knows its attributes. */
export function ruleOf(op: Op): Rule | undefined {
  const attributes = Object.keys(op.attributes).join();
  if (Object.hasOwn(rules, op.name)) return rules[op.name];
  const movement = Object.hasOwn(movements, op.name) ? movements[op.name] : undefined;
  if (movement !== undefined) {
    return (_, pool, draw) => {
      const x = draw.late(pool);
      return x && attempt(() => movement(x, pool, draw));
    };
  }
  if (attributes === "axes,keepDims" && op.operands.length === 1) return reduction;
  return attributes === "" && !op.variadic && [1, 2].includes(op.operands.length) ? elementwise : undefined;
}

/** Two nodes of one dtype that broadcast; the same one twice where there is no other. */
function pair(pool: readonly Node[], draw: Draw): (Node | undefined)[] {
  const a = draw.late(pool);
  const b = draw
    .rotated(pool)
    .find(
      (node) => node !== a && node.dtype === a?.dtype && broadcastShapes([node.shape, a.shape]) !== undefined,
    );
  return draw.below(2) === 1 ? [a, b ?? a] : [b ?? a, a];
}

function built(op: Op, operands: readonly Node[], attributes: AttributeValues = {}): Node | undefined {
  return attempt(() => createNode(op, operands, attributes));
}

/** Nothing where an op refuses its operands. */
function attempt(build: () => Node | undefined): Node | undefined {
  try {
    return build();
  } catch (error) {
    if (error instanceof AdjointError) return undefined;
    throw error;
  }
}
