// Random graphs for property tests: leaves of every dtype, then ops of the catalogue on what is already there, with
// broadcasting, axes of extent 1 and 0, labels, derivative orders, outputs and updates. It refuses to judge what a
// graph computes.

import {
  catalogue,
  constant,
  createNode,
  type DType,
  dtypes,
  type Graph,
  graph,
  input,
  iota,
  isDType,
  label,
  markDerivativeOrder,
  type Node,
  normal,
  type Op,
  parameter,
  sizeOf,
  type Update,
  uniform,
  values,
} from "@adjoint/core";
import fc from "fast-check";
import { Draw } from "./draw.js";
import { ruleOf, shapes } from "./rules.js";

export interface RandomGraphOptions {
  /** Which ops may occur besides leaves; all that the rules below can build unless given. */
  readonly accept?: (op: Op) => boolean;
  /** dtypes of leaves and casts; all unless given. */
  readonly dtypes?: readonly DType[];
  /** Steps that try to add a node; 24 unless given. */
  readonly steps?: number;
  /** Whether nodes may have labels and derivative orders; true unless given. */
  readonly marks?: boolean;
}

/** Elements by input name, for `interpret` and backends. */
export type Feeds = Readonly<Record<string, number[]>>;

const maxElements = 48;
const maxRank = 4;
const special = [0, -0, 1, -1, 0.5, 1e-5, 3, Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1];
const labels = [
  "z",
  "hidden",
  "add_1",
  "output",
  "input",
  "NaN",
  "layer 1/weights",
  'é "quoted"\n',
  "x0",
  "_.1",
];
const outputNames = ["J", "o", "z", "graph", "my output", "mul_1", "\u2028", "0"];

function leaf(name: string, draw: Draw, allowed: readonly DType[]): Node {
  const shape = draw.of(shapes) ?? [];
  const dtype = draw.of(allowed) ?? "float32";
  const elements = Array.from({ length: sizeOf(shape) }, () => draw.of(special) ?? 0);
  const initializers = [
    undefined,
    normal({ std: 0.5, seed: 7 }),
    uniform({ low: -0, high: 1e-3 }),
    values(elements),
  ];
  switch (draw.below(7)) {
    case 0:
      return parameter(name, shape, draw.of(initializers), { dtype, state: draw.below(2) === 1 });
    case 1:
      return constant(draw.of(special) ?? 0, { dtype, shape });
    case 2:
      return createNode(constant.op, [], { values: elements, dtype, shape });
    case 3:
      return shape.length === 0 ? input(name, shape, dtype) : iota(shape, draw.below(shape.length), dtype);
    default:
      return input(name, shape, dtype);
  }
}

function mark(node: Node, pool: readonly Node[], draw: Draw): Node {
  const order = draw.below(4);
  const known = new Set(pool);
  const [marked = node] = order === 0 || order === 3 ? [node] : markDerivativeOrder([node], known, order);
  const name = draw.below(3) === 1 ? draw.of(labels) : undefined;
  return name === undefined ? marked : label(marked, name);
}

function assemble(numbers: readonly (readonly number[])[], options: RandomGraphOptions): Graph {
  const allowed = options.dtypes ?? Object.keys(dtypes).filter(isDType);
  const { accept = () => true, marks = true } = options;
  const usable = [...catalogue.values()].flatMap((op) => {
    const rule = ruleOf(op);
    return rule !== undefined && accept(op) ? [{ op, rule }] : [];
  });
  const [ends = [], ...steps] = numbers;
  const draw = new Draw(ends);
  const own = [draw.of(allowed), draw.of(allowed)].filter((dtype) => dtype !== undefined);
  const leaves = Math.max(1, Math.ceil(steps.length / 4));
  const pool = steps.slice(0, leaves).map((step, position) => leaf(`x${position}`, new Draw(step), own));
  for (const step of steps.slice(leaves)) {
    const choice = new Draw(step);
    const { op, rule } = choice.of(usable) ?? {};
    const node = op && rule?.(op, pool, choice, allowed);
    if (
      node === undefined ||
      pool.includes(node) ||
      sizeOf(node.shape) > maxElements ||
      node.shape.length > maxRank
    )
      continue;
    pool.push(marks ? mark(node, pool, choice) : node);
  }
  return finish(pool, draw);
}

/** Outputs are nodes that nothing else needs, the latest first, and sometimes another. */
function finish(pool: readonly Node[], draw: Draw): Graph {
  const used = new Set(pool.flatMap((node) => node.operands));
  const ends = pool.filter((node) => !used.has(node)).reverse();
  const results = [...ends.slice(0, 1 + draw.below(6)), ...pool.slice(0, draw.below(2))];
  const names = draw.rotated(outputNames);
  const outputs = Object.fromEntries(results.map((node, position) => [names[position] ?? "last", node]));
  const updates = pool.flatMap((target): Update[] => {
    const value = draw
      .rotated(pool)
      .find(
        ({ op, dtype, shape }) =>
          op !== parameter.op && dtype === target.dtype && shape.join() === target.shape.join(),
      );
    return target.op === parameter.op && value !== undefined ? [{ parameter: target, value }] : [];
  });
  return graph({ outputs, updates });
}

/** Random graphs; what they have in common is at the head of this file. */
export function randomGraph(options: RandomGraphOptions = {}): fc.Arbitrary<Graph> {
  const numbers = fc.array(fc.nat({ max: 1023 }), { minLength: 4, maxLength: 24 });
  return fc
    .array(numbers, { minLength: 2, maxLength: 1 + (options.steps ?? 24), size: "max" })
    .map((lists) => assemble(lists, options));
}

/** Small elements for every input, exact in every dtype. */
export function randomFeeds(frozen: Graph): fc.Arbitrary<Feeds> {
  const elements = (node: Node): fc.Arbitrary<number[]> => {
    const { kind } = dtypes[node.dtype];
    const low = kind === "bool" || node.dtype === "uint32" ? 0 : -8;
    const element = fc.integer({ min: low, max: kind === "bool" ? 1 : 8 });
    const size = sizeOf(node.shape);
    return fc.array(kind === "float" ? element.map((n) => n / 4) : element, {
      minLength: size,
      maxLength: size,
    });
  };
  return fc.record(Object.fromEntries(frozen.inputs.map((node) => [frozen.nameOf(node), elements(node)])));
}
