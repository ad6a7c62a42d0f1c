/** Where values come from: inputs, parameters, constants and counted positions. It refuses to compute. */

import type { DType } from "../dtype.js";
import { AttributeError, NameError, ShapeError } from "../errors.js";
import { createNode, type Node } from "../graph/node.js";
import { defineOp, type Op, opFunction } from "../graph/op.js";
import { mapLoops } from "../lowering/loops.js";
import { filled, type Initializer } from "../random/initializer.js";
import * as s from "../scalar/build.js";
import { convertScalar } from "../scalar/operations.js";
import { coordinate, constant as scalarConstant } from "../scalar/scalar.js";
import { checkAxis, checkShape, formatShape, normalizeAxis, type Shape, sizeOf } from "../shape.js";

function checkName(name: string): void {
  if (!/^[A-Za-z_][\w.]*$/.test(name)) {
    throw new NameError(
      `"${name}" is not a name: use letters, digits, "_" and ".", not starting with a digit.`,
      name,
    );
  }
}

const inputOp: Op = defineOp({
  name: "input",
  doc: "A tensor fed at every run.",
  operands: [],
  attributes: { name: "string", dtype: "dtype", shape: "integers" },
  notation: "{name}",
  infer: (_, { dtype, shape }) => ({ dtype, shape }),
  lower: () => ({ kind: "leaf" }),
});

/** A tensor of static shape that is fed at every run under its name. */
export const input = opFunction(
  inputOp,
  <const Name extends string>(name: Name, shape: Shape, dtype: DType = "float32"): Node<Name> => {
    checkName(name);
    checkShape(shape, `input ${name}`);
    return createNode<Name>(inputOp, [], { name, dtype, shape: [...shape] }, name);
  },
);

const parameterOp: Op = defineOp({
  name: "parameter",
  doc: "A tensor that lives across runs and is changed only by updates.",
  operands: [],
  attributes: {
    name: "string",
    dtype: "dtype",
    shape: "integers",
    initializer: "initializer",
    state: "boolean",
  },
  notation: "{name}",
  infer: (_, { dtype, shape }) => ({ dtype, shape }),
  lower: () => ({ kind: "leaf" }),
});

export interface ParameterOptions {
  readonly dtype?: DType;
  /** True for what an optimizer or normalization keeps beside the weights. */
  readonly state?: boolean;
}

/**
 * A named tensor that lives across runs, with its initial value (zeros unless said otherwise).
 * @throws ShapeError when given values do not fill the shape.
 */
export const parameter = opFunction(
  parameterOp,
  (
    name: string,
    shape: Shape,
    initializer: Initializer = filled(0),
    options: ParameterOptions = {},
  ): Node<never> => {
    checkName(name);
    checkShape(shape, `parameter ${name}`);
    if (initializer.kind === "values" && initializer.values.length !== sizeOf(shape)) {
      throw new ShapeError(
        `parameter ${name}: ${initializer.values.length} values do not fill shape ${formatShape(shape)}.`,
        name,
      );
    }
    const { dtype = "float32", state = false } = options;
    return createNode<never>(parameterOp, [], { name, dtype, shape: [...shape], initializer, state }, name);
  },
);

const constantOp: Op = defineOp({
  name: "constant",
  doc: "Elements known when the graph is declared; a single value fills the shape.",
  operands: [],
  attributes: { values: "numbers", dtype: "dtype", shape: "integers" },
  resultShape: "shape",
  notation: "{values}",
  infer: (_, { dtype, shape, values }) => {
    const size = sizeOf(shape);
    if (values.length !== size && values.length !== 1) {
      throw new AttributeError(`${values.length} values do not fill shape ${formatShape(shape)}`, "values");
    }
    return { dtype, shape };
  },
  lower: (_, { values, dtype }, output) =>
    values.length === 1
      ? {
          kind: "map",
          loops: mapLoops([], output, () => scalarConstant(convertScalar(values[0] ?? 0, dtype), dtype)),
        }
      : { kind: "leaf" },
});

type Nested = number | boolean | readonly Nested[];

/**
 * A constant tensor from a number, a nested array, or a flat iterable with a shape. float32 unless said otherwise.
 * @throws ShapeError for ragged nesting.
 */
export const constant = opFunction(
  constantOp,
  (data: Nested, options: { readonly dtype?: DType; readonly shape?: Shape } = {}): Node<never> => {
    const found: number[] = [];
    const nestedShape = flatten(data, found);
    const { dtype = "float32", shape = nestedShape } = options;
    const values =
      found.length > 1 && found.every((value) => Object.is(value, found[0])) ? found.slice(0, 1) : found;
    return createNode<never>(constantOp, [], { values, dtype, shape: [...shape] });
  },
);

function flatten(data: Nested, into: number[]): number[] {
  if (typeof data === "number" || typeof data === "boolean") {
    into.push(Number(data));
    return [];
  }
  const shapes = data.map((element) => flatten(element, into));
  const first = shapes[0] ?? [];
  if (shapes.some((shape) => shape.join() !== first.join())) {
    throw new ShapeError("constant: nested arrays must have one length per level.");
  }
  return [data.length, ...first];
}

const iotaOp: Op = defineOp({
  name: "iota",
  doc: "The position on one axis, as numbers.",
  operands: [],
  attributes: { shape: "integers", axis: "integer", dtype: "dtype" },
  resultShape: "shape",
  notation: "\\operatorname{iota}",
  infer: (_, { shape, axis, dtype }) => {
    checkAxis(axis, shape.length, "iota");
    return { dtype, shape };
  },
  lower: (_, { axis, dtype }, output) => ({
    kind: "map",
    loops: mapLoops([], output, () => s.cast(coordinate(axis), dtype)),
  }),
});

/** 0, 1, 2, … along one axis of the shape, repeated along the others. int32 unless said otherwise. */
export const iota = opFunction(
  iotaOp,
  (shape: Shape, axis = 0, dtype: DType = "int32"): Node<never> =>
    createNode<never>(iotaOp, [], {
      shape: [...shape],
      axis: normalizeAxis(axis, shape.length, "iota"),
      dtype,
    }),
);
