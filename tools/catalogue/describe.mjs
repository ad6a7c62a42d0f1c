// What can be read off an op through one node of it: its adjoint rule as text, its dtypes, its kind of lowering.
// It refuses to know any op by name.

import { createNode, dtypes, input, isDType, lowerNode, reachable } from "@adjoint/core";

/** @typedef {import("@adjoint/core").Node} Node */
/** @typedef {import("@adjoint/core").Op} Op */
/** @typedef {import("./cases.mjs").Case} Case */

const longest = 160;

/**
 * A node of the op over plain inputs named as its operands, as some case builds it.
 * @param {Op} op @param {readonly Case[]} cases
 * @returns {Node | undefined}
 */
export function sample(op, cases) {
  const found = cases
    .flatMap((item) => {
      const inputs = item.operands.map(({ shape, dtype }, i) =>
        input(`x${i}`, shape, dtype === "float" ? "float64" : dtype),
      );
      return reachable([item.build(...inputs)].flat());
    })
    .filter((node) => node.op === op);
  const node =
    found.find(({ dtype, operands }) => dtype === "float64" && new Set(operands).size === operands.length) ??
    found[0];
  if (node === undefined) return undefined;
  const names = op.variadic ? node.operands.map((_, i) => `${op.operands[0]}${i}`) : op.operands;
  const operands = node.operands.map(({ shape, dtype }, i) => input(names[i] ?? "x", shape, dtype));
  return createNode(op, operands, node.attributes);
}

/**
 * A node as nested calls; y is the node differentiated.
 * @param {Node} node @param {Node} y @returns {string}
 */
function expression(node, y) {
  if (node === y) return "y";
  if (node.op.name === "input") return String(node.attributes.name);
  if (node.op.name === "constant") {
    const values = /** @type {readonly number[]} */ (node.attributes.values);
    return values.length === 1 ? String(Number((values[0] ?? 0).toPrecision(6))) : "constant";
  }
  const numbers = Object.entries(node.op.attributes).flatMap(([name, kind]) =>
    kind === "number" ? [`${name}=${Number(node.attributes[name])}`] : [],
  );
  return `${node.op.name}(${[...node.operands.map((operand) => expression(operand, y)), ...numbers].join(", ")})`;
}

/**
 * The adjoint of every operand for an adjoint u of the result y; undefined where nothing is differentiable.
 * @param {Node} y @returns {string[] | undefined}
 */
export function adjointRule(y) {
  if (y.op.vjp === undefined || !y.dtype.startsWith("float")) return undefined;
  const u = input("u", y.shape, y.dtype);
  const adjoints = y.op.vjp({ node: y, operands: y.operands, attributes: y.attributes, adjoint: u });
  return adjoints.map((adjoint, i) => {
    const name = String(y.operands[i]?.attributes.name);
    if (adjoint === undefined) return `${name}: 0`;
    const text = expression(adjoint, y);
    if (text.length <= longest) return `${name}: ${text}`;
    const size = reachable([adjoint]).filter(({ op, operands }) => operands.length > 0 && op !== y.op).length;
    return `${name}: a graph of ${size} ops`;
  });
}

/**
 * The dtypes that the differentiated operand may have, in place of the sampled one.
 * @param {Node} node
 */
export function dtypesOf(node) {
  const main = node.operands.find(({ dtype }) => dtype === node.dtype)?.dtype ?? node.operands.at(-1)?.dtype;
  if (main === undefined) return [node.dtype];
  return Object.keys(dtypes).filter((dtype) => {
    if (!isDType(dtype)) return false;
    const types = node.operands.map(({ shape, dtype: own }) => ({
      shape,
      dtype: own === main ? dtype : own,
    }));
    try {
      node.op.infer(types, node.attributes);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {Node} node */
export function kindOf(node) {
  return lowerNode(node).kind;
}
