// One case as a graph: the value, the vector-Jacobian products for its cotangents, and both second derivatives along its
// directions, with what must come out.

import { add, constant, type Graph, graph, input, mul, Node, type Shape, sum } from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { Arguments } from "./arguments.js";
import type { Tensor, TorchCase } from "./format.js";
import { zeroSecond } from "./scope.js";
import { mappings } from "./table.js";
import { UnsupportedError } from "./unsupported.js";

/** What an output of the graph must be: a tensor, or zeros where PyTorch found no dependence. */
export interface Expected {
  readonly shape: Shape;
  readonly elements: readonly number[];
  readonly isFloat: boolean;
}

export interface CaseProgram {
  readonly graph: Graph;
  /** Elements by input name, of the inputs that the graph has. */
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  /** By output name. */
  readonly expected: ReadonlyMap<string, Expected>;
}

/** @throws UnsupportedError for what is not mapped, AdjointError for what Adjoint refuses. */
export function programOf(torch: TorchCase): CaseProgram {
  const mapping = Object.hasOwn(mappings, torch.op) ? mappings[torch.op] : undefined;
  if (mapping === undefined) throw new UnsupportedError(`operator ${torch.op} is not mapped`);
  const arguments_ = new Arguments(mapping.signature, torch);
  const built = mapping.build(arguments_);
  const [ignored] = arguments_.unread;
  if (ignored !== undefined) throw new UnsupportedError(`argument ${ignored} is not mapped`);
  const ys = built instanceof Node ? [built] : built;
  const xs = torch.diffInputs.map(
    (index) => arguments_.fed[index]?.node ?? constant(0, { dtype: "float64" }),
  );
  const cotangents = named("u", torch.cotangents);
  const directions = named("v", torch.second?.directions ?? []);
  const total = inner(
    torch.diffOutputs.map((index) => ys[index]),
    nodesOf(cotangents),
  );
  const grads = gradient(total, xs);
  const along = inner(grads, nodesOf(directions));
  const hasSecond = torch.second !== undefined;
  const seconds = hasSecond ? gradient(along, xs) : [];
  const groups: readonly (readonly [string, readonly Node[], readonly (Tensor | undefined)[]])[] = [
    ["y", ys, torch.outputs],
    ["grad", grads, torch.grads],
    [
      "hvp",
      seconds,
      seconds.map((node, index) => (isUnwritten(torch, node) ? undefined : torch.second?.hvp[index])),
    ],
    ["jvp", hasSecond ? gradient(along, nodesOf(cotangents)) : [], torch.second?.jvp ?? []],
  ];
  const outputs: Record<string, Node> = {};
  const expected = new Map<string, Expected>();
  for (const [name, nodes, tensors] of groups) {
    if (nodes.length !== tensors.length)
      throw new UnsupportedError(`${nodes.length} of ${tensors.length} outputs`);
    for (const [index, node] of nodes.entries()) {
      outputs[`${name}${index}`] = node;
      expected.set(`${name}${index}`, expectedOf(tensors[index], node));
    }
  }
  const program = graph({ outputs });
  const given = [
    ...arguments_.fed.map(({ node, tensor }) => ({ node, tensor })),
    ...cotangents,
    ...directions,
  ];
  const feeds = given.flatMap(({ node, tensor }): [string, readonly number[]][] => {
    const name = String(node.attributes["name"]);
    return program.inputs.includes(node) ? [[name, tensor.elements]] : [];
  });
  return { graph: program, feeds: Object.fromEntries(feeds), expected };
}

/** Whether the reference's second derivative is PyTorch's zero without memory; see `zeroSecond`. */
function isUnwritten({ op }: TorchCase, node: Node): boolean {
  const { values } = node.attributes;
  const isZero = node.op.name === "constant" && Array.isArray(values) && values.every((value) => value === 0);
  return isZero && zeroSecond.has(op);
}

interface Given {
  readonly node: Node;
  readonly tensor: Tensor;
}

function named(prefix: string, tensors: readonly Tensor[]): Given[] {
  return tensors.map((tensor, index) => ({
    tensor,
    node: input(`${prefix}${index}`, tensor.shape, "float64"),
  }));
}

function nodesOf(given: readonly Given[]): Node[] {
  return given.map(({ node }) => node);
}

/** Σ a · b over pairs; 0 of nothing. */
function inner(as: readonly (Node | undefined)[], bs: readonly Node[]): Node {
  return bs.reduce<Node>(
    (total, b, index) => {
      const a = as[index];
      return a === undefined ? total : add(total, sum(mul(a, b)));
    },
    constant(0, { dtype: "float64" }),
  );
}

function expectedOf(tensor: Tensor | undefined, node: Node): Expected {
  if (tensor === undefined) {
    const size = node.shape.reduce((product, extent) => product * extent, 1);
    return { shape: node.shape, elements: new Array<number>(size).fill(0), isFloat: true };
  }
  return {
    shape: tensor.shape,
    elements: tensor.elements,
    isFloat: tensor.kind === "f64" || tensor.kind === "f32",
  };
}
