// What the table of operators holds, and what many of its entries share.

import { mean, type Node, reshape, sizeOf, sum } from "@adjoint/core";
import type { Arguments } from "./arguments.js";
import { UnsupportedError } from "./unsupported.js";

/** How a call of a PyTorch operator is made of Adjoint ops. */
export interface Mapping {
  /** The names of PyTorch's parameters, in order; one with "*" takes all further positional ones. */
  readonly signature: string;
  /** The outputs, in PyTorch's order. */
  build(arguments_: Arguments): Node | readonly Node[];
}

export type Mappings = Readonly<Record<string, Mapping>>;

export function op(signature: string, build: Mapping["build"]): Mapping {
  return { signature, build };
}

/** An operator of one tensor and no options. */
export function unary(f: (x: Node) => Node | readonly Node[]): Mapping {
  return op("input", (a) => f(a.tensor("input")));
}

/** An operator of two tensors and no options. */
export function binary(f: (a: Node, b: Node) => Node): Mapping {
  return op("input other", (a) => f(a.tensor("input"), a.tensor("other")));
}

/** Runs along an axis; PyTorch lets scalars have one. */
export function ranked(x: Node, f: (x: Node) => Node): Node {
  if (x.shape.length > 0) return f(x);
  const result = f(reshape(x, [1]));
  return sizeOf(result.shape) === 1 ? reshape(result, []) : result;
}

/** As `ranked`, for several results. */
export function rankedAll(x: Node, f: (x: Node) => readonly Node[]): readonly Node[] {
  return x.shape.length > 0 ? f(x) : f(reshape(x, [1])).map((result) => reshape(result, []));
}

/** At least one axis, as PyTorch has it for scalars with positions. */
export function vector(x: Node): Node {
  return x.shape.length === 0 ? reshape(x, [1]) : x;
}

/** The sizes that end a call, given one by one or as a list. */
export function sizes(a: Arguments, name = "size"): number[] {
  const value = a.raw(name);
  const given = value !== undefined && "list" in value ? value.list : [];
  const [first] = given;
  const isNested = given.length === 1 && first !== undefined && "list" in first;
  return isNested ? first.list.map((entry) => a.numberOf(entry, name)) : (a.numbers(name) ?? []);
}

/** How losses are put together. */
export function reduced(losses: Node, a: Arguments): Node {
  const reduction = a.text("reduction", "mean");
  if (reduction === "none") return losses;
  if (reduction === "sum") return sum(losses);
  if (reduction === "mean") return mean(losses);
  throw new UnsupportedError(`reduction ${reduction}`);
}
