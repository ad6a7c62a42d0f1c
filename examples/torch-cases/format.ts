// Files of PyTorch cases: one JSON object a line, plain or gzip, tensors as base64 of little-endian elements. Reads and
// checks them; refuses to know what an operator means.

import { DataError } from "../textbook-mlp/errors.js";
import { readUnpacked } from "../textbook-mlp/file.js";

export type TensorKind = "f64" | "f32" | "i64" | "i32" | "bool";

/** Row-major elements as numbers; booleans are 0 and 1. */
export interface Tensor {
  readonly kind: TensorKind;
  readonly shape: readonly number[];
  readonly elements: readonly number[];
}

/** An argument as PyTorch got it. Infinite numbers come as "inf" and "-inf". */
export type Argument =
  | { readonly tensor: Tensor }
  | { readonly value: string | number | boolean | null }
  | { readonly list: readonly Argument[] }
  | { readonly slice: readonly Argument[] };

/** One call of an operator, with what PyTorch gave for it. */
export interface TorchCase {
  readonly op: string;
  readonly variant: string;
  readonly sample: number;
  readonly input: Argument;
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
  /** Which of the tensors among input, args and kwargs, counted in that order, are differentiated. */
  readonly diffInputs: readonly number[];
  readonly outputs: readonly Tensor[];
  /** Which of the outputs have a cotangent. */
  readonly diffOutputs: readonly number[];
  readonly cotangents: readonly Tensor[];
  /** Vector-Jacobian products, one per differentiated input; undefined where PyTorch found no dependence. */
  readonly grads: readonly (Tensor | undefined)[];
  /** Second derivatives along directions; absent where PyTorch has none. */
  readonly second: Second | undefined;
}

export interface Second {
  /** One per differentiated input. */
  readonly directions: readonly Tensor[];
  /** d⟨v, grad⟩ / dx. */
  readonly hvp: readonly (Tensor | undefined)[];
  /** d⟨v, grad⟩ / du. */
  readonly jvp: readonly (Tensor | undefined)[];
}

/** Where in the file something is read, for errors. */
interface Reader {
  fail(problem: string): never;
}

/** Reads every case of a file. @throws DataError naming the line of what is wrong. */
export function readCases(file: string): TorchCase[] {
  const text = new TextDecoder().decode(readUnpacked(file).bytes);
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const reader: Reader = {
      fail: (problem) => {
        throw new DataError({ file }, `line ${index + 1}: ${problem}`);
      },
    };
    return [readCase(parsed(line, reader), reader)];
  });
}

function parsed(line: string, reader: Reader): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    return reader.fail(error instanceof Error ? error.message : String(error));
  }
}

type Fields = Readonly<Record<string, unknown>>;

function readCase(json: unknown, reader: Reader): TorchCase {
  const fields = record(json, reader, "a case");
  const { op, variant = "", sample } = fields;
  if (typeof op !== "string" || typeof variant !== "string" || typeof sample !== "number") {
    return reader.fail("op and variant must be text, sample a number");
  }
  const tensors = (name: string): (Tensor | undefined)[] =>
    list(fields[name], reader, name).map((entry) => (entry === null ? undefined : readTensor(entry, reader)));
  const given = (name: string): Tensor[] =>
    tensors(name).map((tensor) => tensor ?? reader.fail(`${name} has a null`));
  return {
    op,
    variant,
    sample,
    input: readArgument(fields["input"], reader),
    args: list(fields["args"], reader, "args").map((entry) => readArgument(entry, reader)),
    kwargs: mapped(record(fields["kwargs"], reader, "kwargs"), (entry) => readArgument(entry, reader)),
    diffInputs: numbers(fields["diff_inputs"], reader, "diff_inputs"),
    outputs: given("outputs"),
    diffOutputs: numbers(fields["diff_outputs"], reader, "diff_outputs"),
    cotangents: given("cotangents"),
    grads: tensors("grads"),
    second:
      fields["hvp"] === undefined
        ? undefined
        : { directions: given("directions"), hvp: tensors("hvp"), jvp: tensors("jvp") },
  };
}

function readArgument(json: unknown, reader: Reader): Argument {
  const fields = record(json, reader, "an argument");
  if ("tensor" in fields) return { tensor: readTensor(fields["tensor"], reader) };
  if ("list" in fields) return { list: entries(fields["list"], reader) };
  if ("slice" in fields) return { slice: entries(fields["slice"], reader) };
  const { value } = fields;
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return { value };
  }
  return reader.fail(`an argument must be a tensor, a value, a list or a slice, not ${JSON.stringify(json)}`);
}

function entries(json: unknown, reader: Reader): Argument[] {
  return list(json, reader, "a list").map((entry) => readArgument(entry, reader));
}

/** How many bytes an element takes, and how it is read. */
const elementsOf = {
  f64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  f32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  i64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  i32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
} as const satisfies Record<TensorKind, { bytes: number; read(view: DataView, at: number): number }>;

function isKind(value: unknown): value is TensorKind {
  return typeof value === "string" && Object.hasOwn(elementsOf, value);
}

function readTensor(json: unknown, reader: Reader): Tensor {
  const { dtype, shape, b64 } = record(json, reader, "a tensor");
  if (!isKind(dtype))
    return reader.fail(`dtype ${String(dtype)} is none of ${Object.keys(elementsOf).join(", ")}`);
  if (typeof b64 !== "string") return reader.fail("a tensor has no b64");
  const extents = numbers(shape, reader, "shape");
  const bytes = Buffer.from(b64, "base64");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { bytes: size, read } = elementsOf[dtype];
  const count = extents.reduce((product, extent) => product * extent, 1);
  if (bytes.length !== count * size) {
    return reader.fail(`${bytes.length} bytes do not fill ${dtype} [${extents.join(", ")}]`);
  }
  return {
    kind: dtype,
    shape: extents,
    elements: Array.from({ length: count }, (_, k) => read(view, k * size)),
  };
}

function record(json: unknown, reader: Reader, what: string): Fields {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return reader.fail(`${what} must be an object`);
  return Object.fromEntries(Object.entries(json));
}

function list(json: unknown, reader: Reader, what: string): unknown[] {
  return Array.isArray(json) ? json : reader.fail(`${what} must be an array`);
}

function numbers(json: unknown, reader: Reader, what: string): number[] {
  return list(json, reader, what).map((entry) =>
    typeof entry === "number" && Number.isInteger(entry) && entry >= 0
      ? entry
      : reader.fail(`${what} must hold whole numbers`),
  );
}

function mapped(fields: Fields, read: (entry: unknown) => Argument): Readonly<Record<string, Argument>> {
  return Object.fromEntries(Object.entries(fields).map(([name, entry]) => [name, read(entry)]));
}
