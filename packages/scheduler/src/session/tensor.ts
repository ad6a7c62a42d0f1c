/** Host data: what users feed and what they get back. It refuses to compute. */

import {
  type DType,
  DTypeError,
  dtypes,
  formatType,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
  type TensorType,
} from "@adjoint/core";
import { halfBits } from "@adjoint/core/kernel";
import type { HostArray } from "../backend/backend.js";

type Nested = number | boolean | readonly Nested[];

/** Elements in row-major order (of float16 numbers, or their bits as a Uint16Array), nested arrays of the declared shape, or flat elements with their shape. */
export type FeedData =
  | HostArray
  | Nested
  | { readonly shape: Shape; readonly data: HostArray | readonly number[] };

/** A tensor read back: a fresh array that nothing else refers to. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: HostArray;
  /** The value of a tensor of one element. @throws ShapeError for any other size. */
  item(): number;
}

const storages = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

export function tensor(type: TensorType, data: HostArray): Tensor {
  return {
    dtype: type.dtype,
    shape: type.shape,
    data,
    item: () => {
      const [value] = data;
      if (value === undefined || data.length !== 1) {
        throw new ShapeError(
          `item() needs a tensor of one element, not ${formatType(type)}; read .data instead.`,
        );
      }
      return value;
    },
  };
}

/**
 * Data as the host array of a declared type; the caller's own array where it already is one.
 * @throws ShapeError for another shape or number of elements, DTypeError for a value the dtype cannot hold.
 */
export function hostArray(data: FeedData, type: TensorType, name: string): HostArray {
  if (data instanceof storages[type.dtype] && data.length === sizeOf(type.shape)) return data;
  const { shape, elements } = flatten(data, name);
  const nothing = elements.length === 0 && sizeOf(type.shape) === 0;
  if (shape !== undefined && !sameShape(shape, type.shape) && !nothing) {
    throw new ShapeError(
      `${name} is declared as ${formatType(type)} but given with shape [${shape.join(", ")}].`,
      name,
    );
  }
  if (elements.length !== sizeOf(type.shape)) {
    throw new ShapeError(
      `${name} is declared as ${formatType(type)}: ${sizeOf(type.shape)} elements, not ${elements.length}.`,
      name,
    );
  }
  const Storage = storages[type.dtype];
  if (elements instanceof Storage) return elements;
  if (type.dtype === "float16") return Uint16Array.from(elements, halfBits);
  return checked(Storage.from(elements), elements, type, name);
}

/** Conversion must not change an integer: floats may round. */
function checked(
  converted: HostArray,
  elements: ArrayLike<number>,
  { dtype }: TensorType,
  name: string,
): HostArray {
  if (dtypes[dtype].kind === "float") return converted;
  for (let index = 0; index < converted.length; index++) {
    const given = elements[index] ?? Number.NaN;
    if (given !== converted[index] || (dtype === "bool" && given > 1)) {
      throw new DTypeError(`${name}[${index}] is ${given}, which is no ${dtype}.`, name);
    }
  }
  return converted;
}

function flatten(data: FeedData, name: string): { shape: Shape | undefined; elements: ArrayLike<number> } {
  if (ArrayBuffer.isView(data)) return { shape: undefined, elements: data };
  if (!isData(data)) {
    throw new DTypeError(
      `${name} must be a typed array, nested arrays of numbers, or { shape, data }.`,
      name,
    );
  }
  if (typeof data === "object" && "data" in data) return { shape: data.shape, elements: data.data };
  const elements: number[] = [];
  const shape = nested(data, elements, name);
  return { shape, elements };
}

/** Whether a value that claims to be data looks like it: JavaScript callers can pass anything. */
function isData(data: unknown): boolean {
  if (typeof data === "number" || typeof data === "boolean" || Array.isArray(data)) return true;
  return (
    typeof data === "object" &&
    data !== null &&
    "data" in data &&
    "shape" in data &&
    Array.isArray(data.shape)
  );
}

function nested(data: Nested, into: number[], name: string): Shape {
  if (typeof data === "number" || typeof data === "boolean") {
    into.push(Number(data));
    return [];
  }
  if (!Array.isArray(data)) throw new DTypeError(`${name}: ${String(data)} is no number.`, name);
  const shapes = data.map((part) => nested(part, into, name));
  const first = shapes[0] ?? [];
  if (shapes.some((shape) => !sameShape(shape, first))) {
    throw new ShapeError(`${name}: nested arrays must have one length per level.`, name);
  }
  return [data.length, ...first];
}
