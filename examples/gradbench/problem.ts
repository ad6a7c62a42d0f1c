// What a GradBench problem is to this tool: functions that turn an input into a graph, its feeds and its output. A graph
// depends on nothing but the key, which names the shapes of the input, so that it is compiled once for all of them.

import type { Graph } from "@adjoint/core";
import type { FeedData, Tensor } from "@adjoint/scheduler";

export type Json = number | string | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** One call of a function: what to compile, unless a graph of this key is there already, and what to feed and return. */
export interface Call {
  /** Everything that the graph depends on. */
  readonly key: string;
  declare(): Graph;
  /** By input; what the graph has no input for is left out. */
  readonly feeds: Readonly<Record<string, FeedData>>;
  output(results: Readonly<Record<string, Tensor>>): Json;
}

/** The functions of a problem by name. */
export type Problem = Readonly<Record<string, (input: Input) => Call>>;

/** An input that a problem cannot use; the message names the part. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Numbers in row-major order with their shape. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Reads the parts of an input by name and checks them. */
export class Input {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(json: unknown, path = "input") {
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new InputError(`${path} must be an object`);
    this.#fields = Object.fromEntries(Object.entries(json));
    this.#path = path;
  }

  part(name: string): Input {
    return new Input(this.#fields[name], `${this.#path}.${name}`);
  }

  number(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== "number") throw new InputError(`${this.#path}.${name} must be a number`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== "boolean") throw new InputError(`${this.#path}.${name} must be true or false`);
    return value;
  }

  /** Nested arrays of numbers, all of one shape. */
  numbers(name: string): Numbers {
    const elements: number[] = [];
    const shape = nested(this.#fields[name], elements, `${this.#path}.${name}`);
    return { shape, data: Float64Array.from(elements) };
  }
}

function nested(json: unknown, into: number[], path: string): number[] {
  if (typeof json === "number") {
    into.push(json);
    return [];
  }
  if (!Array.isArray(json)) throw new InputError(`${path} must be made of numbers`);
  const shapes = json.map((part: unknown) => nested(part, into, path));
  const [first = []] = shapes;
  if (shapes.some((shape) => shape.join() !== first.join())) throw new InputError(`${path} is ragged`);
  return [json.length, ...first];
}

/** A tensor as nested arrays, or as a number. */
export function toJson({ shape, data }: Pick<Tensor, "shape" | "data">): Json {
  const part = (axis: number, start: number): Json => {
    const extent = shape[axis];
    if (extent === undefined) return data[start] ?? Number.NaN;
    const stride = shape.slice(axis + 1).reduce((product, other) => product * other, 1);
    return Array.from({ length: extent }, (_, k) => part(axis + 1, start + k * stride));
  };
  return part(0, 0);
}

/** The one output called `value`. */
export function value(results: Readonly<Record<string, Tensor>>): Json {
  const { value: tensor } = results;
  if (tensor === undefined) throw new InputError("the graph has no output called value");
  return toJson(tensor);
}
