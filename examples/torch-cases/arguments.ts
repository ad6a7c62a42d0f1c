// The arguments of one call by name, as the mappings read them: tensors as nodes, the rest as plain values. An argument
// that a mapping never looks at makes the case refused, so that none is ignored by mistake.

import { constant, type DType, input, type Node } from "@adjoint/core";
import type { Argument, Tensor, TensorKind, TorchCase } from "./format.js";
import { UnsupportedError } from "./unsupported.js";

/** How tensors of a case are declared: the elements of integers must fit int32. */
const dtypeOf = {
  f64: "float64",
  f32: "float64",
  i64: "int32",
  i32: "int32",
  bool: "bool",
} as const satisfies Record<TensorKind, DType>;

/** A tensor among the arguments, as an input of the graph. */
export interface Fed {
  readonly node: Node;
  readonly tensor: Tensor;
}

/** What changes nothing in the result. */
const immaterial = ["inplace", "_stacklevel", "size_average", "reduce"];

export class Arguments {
  /** Every tensor among input, args and kwargs in that order. */
  readonly fed: readonly Fed[];
  readonly #values = new Map<string, Argument>();
  readonly #nodes: ReadonlyMap<Tensor, Node>;
  readonly #unread: Set<string>;

  /** Binds arguments to the names of a signature, separated by spaces; one with "*" takes all further positional ones. */
  constructor(signature: string, { input: first, args, kwargs }: TorchCase) {
    const names = signature.split(" ").filter((name) => name !== "");
    const star = names.findIndex((name) => name.startsWith("*"));
    const fixed = star < 0 ? names : names.slice(0, star);
    const positional = [first, ...args];
    for (const [position, name] of fixed.entries()) {
      const value = positional[position];
      if (value !== undefined) this.#values.set(name, value);
    }
    const more = positional.slice(fixed.length);
    if (star >= 0) this.#values.set(names[star]?.slice(1) ?? "", { list: more });
    else if (more.length > 0)
      throw new UnsupportedError(`${positional.length} arguments, where ${names.length} are mapped`);
    for (const [name, value] of Object.entries(kwargs)) {
      if (!names.includes(name) && !names.includes(`*${name}`))
        throw new UnsupportedError(`argument ${name} is not mapped`);
      this.#values.set(name, value);
    }
    this.#unread = new Set([...this.#values.keys()].filter((name) => !immaterial.includes(name)));
    this.fed = [first, ...args, ...Object.values(kwargs)].flatMap(tensorsOf).map((tensor, index) => ({
      tensor,
      node: input(`x${index}`, tensor.shape, dtypeOf[tensor.kind]),
    }));
    this.#nodes = new Map(this.fed.map(({ tensor, node }) => [tensor, node]));
  }

  /** Arguments that have a value and that nothing has asked for. */
  get unread(): string[] {
    return [...this.#unread].filter((name) => !isNone(this.#values.get(name)));
  }

  has(name: string): boolean {
    return !isNone(this.#peek(name));
  }

  /** The argument as it is; undefined when absent or None. */
  raw(name: string): Argument | undefined {
    const value = this.#peek(name);
    return isNone(value) ? undefined : value;
  }

  /** A tensor; a number becomes a constant. */
  tensor(name: string): Node {
    return this.optional(name) ?? this.#missing(name);
  }

  optional(name: string): Node | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : this.nodeOf(value, name);
  }

  tensors(name: string): Node[] {
    const value = this.raw(name);
    if (value === undefined) return this.#missing(name);
    return "list" in value ? value.list.map((entry) => this.nodeOf(entry, name)) : [this.nodeOf(value, name)];
  }

  /** The elements of a tensor whose values decide what the graph is. */
  known(name: string): Tensor {
    const value = this.raw(name);
    if (value !== undefined && "tensor" in value) return value.tensor;
    throw new UnsupportedError(`argument ${name} is not a tensor`);
  }

  number(name: string, fallback?: number): number {
    const value = this.raw(name);
    if (value === undefined) return fallback ?? this.#missing(name);
    return numberOf(value, name);
  }

  /** A number, or the elements of a tensor. */
  everyNumber(name: string): readonly number[] {
    const value = this.raw(name);
    return value !== undefined && "tensor" in value ? value.tensor.elements : [this.number(name)];
  }

  flag(name: string, fallback?: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined) return fallback ?? this.#missing(name);
    if ("value" in value && typeof value.value === "boolean") return value.value;
    throw new UnsupportedError(`argument ${name} is not a boolean`);
  }

  text(name: string, fallback?: string): string {
    const value = this.raw(name);
    if (value === undefined) return fallback ?? this.#missing(name);
    if ("value" in value && typeof value.value === "string") return value.value;
    throw new UnsupportedError(`argument ${name} is not text`);
  }

  /** A list of numbers; a single number is a list of one. */
  numbers(name: string): number[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    return "list" in value ? value.list.map((entry) => numberOf(entry, name)) : [numberOf(value, name)];
  }

  /** A list of numbers, or one number for each of `count`. */
  perAxis(name: string, count: number, fallback?: number): number[] {
    const list = this.numbers(name) ?? (fallback === undefined ? this.#missing(name) : [fallback]);
    const [only] = list;
    return list.length === 1 && only !== undefined ? new Array<number>(count).fill(only) : list;
  }

  /** Arguments that change nothing in the result. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name);
  }

  nodeOf(value: Argument, name: string): Node {
    if ("tensor" in value) return this.#nodes.get(value.tensor) ?? this.#missing(name);
    if ("value" in value && typeof value.value === "number")
      return constant(value.value, { dtype: "float64" });
    throw new UnsupportedError(`argument ${name} is not a tensor`);
  }

  numberOf(value: Argument, name: string): number {
    return numberOf(value, name);
  }

  #peek(name: string): Argument | undefined {
    this.#unread.delete(name);
    return this.#values.get(name);
  }

  #missing(name: string): never {
    throw new UnsupportedError(`argument ${name} is missing`);
  }
}

function isNone(value: Argument | undefined): boolean {
  return value === undefined || ("value" in value && value.value === null);
}

/** A number; one of a tensor of one element counts, and so do infinities and booleans as Python has them. */
function numberOf(value: Argument, name: string): number {
  if ("value" in value) {
    if (typeof value.value === "number") return value.value;
    if (typeof value.value === "boolean") return Number(value.value);
    if (value.value === "inf") return Number.POSITIVE_INFINITY;
    if (value.value === "-inf") return Number.NEGATIVE_INFINITY;
  }
  const [only] = "tensor" in value ? value.tensor.elements : [];
  if (only !== undefined && "tensor" in value && value.tensor.elements.length === 1) return only;
  throw new UnsupportedError(`argument ${name} is not a number`);
}

/** The tensors in an argument, depth first. */
function tensorsOf(argument: Argument): Tensor[] {
  if ("tensor" in argument) return [argument.tensor];
  if ("list" in argument) return argument.list.flatMap(tensorsOf);
  return "slice" in argument ? argument.slice.flatMap(tensorsOf) : [];
}
