/** Einstein summation over any number of operands, as diagonals, sums, transposes and matrix products. */

import { ParseError, ShapeError } from "../errors.js";
import type { Node } from "../graph/node.js";
import { mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/contraction.js";
import { diagonal } from "../ops/diagonal.js";
import { reshape, squeeze, transpose } from "../ops/movement.js";
import { sum } from "../ops/reduction.js";
import { formatShape, sizeOf } from "../shape.js";

/** A node whose axes have names. */
interface Labeled<Feeds extends string> {
  readonly node: Node<Feeds>;
  readonly labels: readonly string[];
}

type Extents = ReadonlyMap<string, number>;

/** One side's labels; "…" stands for the axes of an ellipsis. */
function parseLabels(term: string, equation: string, offset: number): string[] {
  const labels: string[] = [];
  for (let i = 0; i < term.length; i++) {
    const character = term[i] ?? "";
    if (character === " ") continue;
    if (term.startsWith("...", i) && !labels.includes("…")) {
      labels.push("…");
      i += 2;
    } else if (/[A-Za-z]/.test(character)) labels.push(character);
    else
      throw new ParseError(
        `einsum: "${equation}" has "${character}" where a letter or one "..." is expected`,
        offset + i,
      );
  }
  return labels;
}

function parseEquation(equation: string): { inputs: string[][]; output: string[] | undefined } {
  const arrow = equation.indexOf("->");
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  let offset = 0;
  const inputs = left.split(",").map((term) => {
    const labels = parseLabels(term, equation, offset);
    offset += term.length + 1;
    return labels;
  });
  return {
    inputs,
    output: arrow < 0 ? undefined : parseLabels(equation.slice(arrow + 2), equation, arrow + 2),
  };
}

/** Names for the axes of an ellipsis, counted from the last so that they align as broadcasting does. */
function ellipsis(count: number): string[] {
  return Array.from({ length: count }, (_, axis) => `…${count - axis}`);
}

function labelAxes<Feeds extends string>(
  node: Node<Feeds>,
  term: readonly string[],
  equation: string,
): Labeled<Feeds> {
  const named = term.filter((label) => label !== "…").length;
  const rest = node.shape.length - named;
  if (rest < 0 || (rest > 0 && !term.includes("…"))) {
    throw new ShapeError(
      `einsum: "${term.join("")}" in "${equation}" does not name the axes of ${String(node)}.`,
      String(node),
    );
  }
  return withDiagonals({ node, labels: term.flatMap((label) => (label === "…" ? ellipsis(rest) : [label])) });
}

/** A label on two axes means their diagonal. */
function withDiagonals<Feeds extends string>({ node, labels }: Labeled<Feeds>): Labeled<Feeds> {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  const label = labels[second];
  if (label === undefined) return { node, labels };
  const first = labels.indexOf(label);
  if (node.shape[first] !== node.shape[second]) {
    throw new ShapeError(`einsum: label ${label} has two extents on ${String(node)}.`, String(node));
  }
  const rest = labels.filter((_, axis) => axis !== first && axis !== second);
  return withDiagonals({ node: diagonal(node, { axes: [first, second] }), labels: [...rest, label] });
}

function extentsOf(operands: readonly Labeled<string>[], equation: string): Extents {
  const extents = new Map<string, number>();
  for (const { node, labels } of operands) {
    for (const [axis, label] of labels.entries()) {
      const extent = node.shape[axis] ?? 1;
      const known = extents.get(label) ?? 1;
      if (known !== 1 && extent !== 1 && known !== extent) {
        throw new ShapeError(
          `einsum: label ${label} in "${equation}" is both ${known} and ${extent} (${formatShape(node.shape)}).`,
        );
      }
      if (extent !== 1 || !extents.has(label)) extents.set(label, extent);
    }
  }
  return extents;
}

/** Without axes of extent 1 that broadcast: what does not vary needs no label. */
function withoutBroadcast<Feeds extends string>(
  { node, labels }: Labeled<Feeds>,
  extents: Extents,
): Labeled<Feeds> {
  const repeated = labels.flatMap((label, axis) => (node.shape[axis] !== extents.get(label) ? [axis] : []));
  if (repeated.length === 0) return { node, labels };
  return { node: squeeze(node, repeated), labels: labels.filter((_, axis) => !repeated.includes(axis)) };
}

/** Sums over labels that nothing else needs. */
function summed<Feeds extends string>(
  { node, labels }: Labeled<Feeds>,
  needed: ReadonlySet<string>,
): Labeled<Feeds> {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  if (axes.length === 0) return { node, labels };
  return { node: sum(node, { axes }), labels: labels.filter((label) => needed.has(label)) };
}

/** Axes in the order of the labels. */
function arranged<Feeds extends string>(
  { node, labels }: Labeled<Feeds>,
  order: readonly string[],
): Node<Feeds> {
  const permutation = order.map((label) => labels.indexOf(label));
  return permutation.every((axis, position) => axis === position) ? node : transpose(node, permutation);
}

/** The product of two operands, summed over what only they share and nothing else needs. */
function contract<Feeds extends string>(
  a: Labeled<Feeds>,
  b: Labeled<Feeds>,
  needed: ReadonlySet<string>,
  extents: Extents,
): Labeled<Feeds> {
  const left = summed(a, new Set([...needed, ...b.labels]));
  const right = summed(b, new Set([...needed, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const shape = (labels: readonly string[]): number[] => labels.map((label) => extents.get(label) ?? 1);
  const size = (labels: readonly string[]): number => sizeOf(shape(labels));
  const labels = [...batch, ...rows, ...columns];
  if (inner.length === 0) {
    const spread = reshape(arranged(left, [...batch, ...rows]), [
      ...shape([...batch, ...rows]),
      ...columns.map(() => 1),
    ]);
    const other = reshape(arranged(right, [...batch, ...columns]), [
      ...shape(batch),
      ...rows.map(() => 1),
      ...shape(columns),
    ]);
    return { node: mul(spread, other), labels };
  }
  const product = matmul(
    reshape(arranged(left, [...batch, ...rows, ...inner]), [...shape(batch), size(rows), size(inner)]),
    reshape(arranged(right, [...batch, ...inner, ...columns]), [...shape(batch), size(inner), size(columns)]),
  );
  return { node: reshape(product, shape(labels)), labels };
}

/** The pair whose product visits the fewest points. */
function cheapest(operands: readonly Labeled<string>[], extents: Extents): [number, number] {
  let best: [number, number] = [0, 1];
  let least = Number.POSITIVE_INFINITY;
  for (const [i, a] of operands.entries()) {
    for (const [later, b] of operands.slice(i + 1).entries()) {
      const cost = sizeOf([...new Set([...a.labels, ...b.labels])].map((label) => extents.get(label) ?? 1));
      if (cost >= least) continue;
      least = cost;
      best = [i, i + 1 + later];
    }
  }
  return best;
}

/** Without an arrow: the ellipsis, then every letter that occurs once, in order. */
function implicitOutput(inputs: readonly (readonly string[])[]): string[] {
  const letters = inputs.flat().filter((label) => label !== "…");
  const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort();
  return inputs.flat().includes("…") ? ["…", ...once] : once;
}

/**
 * Einstein summation as NumPy's: one term of letters per operand, e.g. `einsum("bij,bjk->bik", a, b)`. A letter repeated in a
 * term is a diagonal, letters missing from the result are summed over, `...` stands for further axes that broadcast.
 * Without `->` the result has the letters that occur once, in alphabetical order. Contracts the cheapest pair first.
 * @throws ParseError for an equation, ShapeError for operands that do not fit it.
 */
export function einsum<Feeds extends string>(
  equation: string,
  ...operands: readonly Node<Feeds>[]
): Node<Feeds> {
  const { inputs, output = implicitOutput(inputs) } = parseEquation(equation);
  if (inputs.length !== operands.length) {
    throw new ShapeError(
      `einsum: "${equation}" takes ${inputs.length} operands, not ${operands.length}.`,
      equation,
    );
  }
  const labeled = operands.map((node, position) => labelAxes(node, inputs[position] ?? [], equation));
  const extents = extentsOf(labeled, equation);
  const widest = Math.max(
    0,
    ...[...extents.keys()].flatMap((label) => (label.startsWith("…") ? [Number(label.slice(1))] : [])),
  );
  const wanted = output.flatMap((label) => (label === "…" ? ellipsis(widest) : [label]));
  const wrong = wanted.find((label, axis) => !extents.has(label) || wanted.indexOf(label) !== axis);
  if (wrong !== undefined) {
    throw new ParseError(
      `einsum: the result of "${equation}" must name labels of the operands once, not ${wrong}`,
      equation.indexOf("->"),
    );
  }
  const remaining = labeled.map((operand) => withoutBroadcast(operand, extents));
  while (remaining.length > 1) {
    const [i, j] = cheapest(remaining, extents);
    const [b] = remaining.splice(j, 1);
    const [a] = remaining.splice(i, 1);
    if (a === undefined || b === undefined) break;
    const needed = new Set([...wanted, ...remaining.flatMap(({ labels }) => labels)]);
    remaining.push(contract(a, b, needed, extents));
  }
  const [last] = remaining;
  if (last === undefined) throw new ShapeError(`einsum: "${equation}" needs at least one operand.`, equation);
  return arranged(summed(last, new Set(wanted)), wanted);
}
