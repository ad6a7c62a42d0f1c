/**
 * Kernels as JSON: scalars in one list, referred to by position, so that shared subexpressions stay shared. Equal kernels
 * encode equally.
 */

import { isDType } from "../dtype.js";
import { VerificationError } from "../errors.js";
import { isScalarOp } from "../scalar/operations.js";
import { isOperation } from "../scalar/scalar.js";
import { isCombine } from "./combine.js";
import type { Indirect, Kernel, KernelScalar, Load, Location, Stage } from "./kernel.js";
import { rootsOf, scalarsOf } from "./walk.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Non-finite numbers and -0 as strings, which JSON numbers cannot be. */
export function encodeNumber(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value);
}

export function encodeKernel(kernel: Kernel): Json {
  return {
    buffers: kernel.buffers.map(({ dtype, size, access }) => ({ dtype, size, access })),
    axes: kernel.axes.map(({ extent, order }) => ({ extent, order })),
    stages: kernel.stages.map(encodeStage),
    aliases: kernel.aliases.map(([written, read]) => [written, read]),
  };
}

function encodeStage(stage: Stage): Json {
  const order = scalarsOf(rootsOf(stage));
  const indices = new Map(order.map((scalar, index) => [scalar, index]));
  const at = (scalar: KernelScalar): number => indices.get(scalar) ?? -1;
  const location = ({ buffer, offset, indirect, bounds }: Location): { readonly [key: string]: Json } => ({
    buffer,
    offset: [offset.offset, ...offset.strides],
    indirect: indirect.map((part) => [at(part.index), part.stride, part.extent]),
    bounds: bounds.map(({ value, extent }) => [extent, value.offset, ...value.strides]),
  });
  const scalar = (value: KernelScalar): Json => {
    if (isOperation(value)) return [value.op, value.dtype, ...value.inputs.map(at)];
    if (value.kind === "constant") return ["constant", value.dtype, encodeNumber(value.value)];
    if (value.kind === "coordinate") return ["coordinate", value.dtype, value.axis];
    if (value.kind === "accumulator") return ["accumulator", value.dtype, value.stage, value.index];
    return ["load", value.dtype, location(value), encodeNumber(value.fill)];
  };
  return {
    axes: stage.axes,
    scalars: order.map(scalar),
    accumulators: stage.accumulators.map(({ combine, value }) => [combine, at(value)]),
    stores: stage.stores.map((store) => ({
      ...location(store),
      value: at(store.value),
      ...(store.combine === undefined ? {} : { combine: store.combine }),
    })),
  };
}

/** Reads what `encodeKernel` wrote. @throws VerificationError naming the entry that is not part of a kernel. */
export function decodeKernel(json: unknown, path = "kernel"): Kernel {
  const kernel = record(json, path);
  return {
    buffers: list(kernel["buffers"], `${path}.buffers`).map((entry, index) => {
      const where = `${path}.buffers[${index}]`;
      const { dtype, size, access } = record(entry, where);
      if (!isDType(dtype)) return fail(`${where}.dtype`);
      if (access !== "read" && access !== "write" && access !== "update") return fail(`${where}.access`);
      return { dtype, size: natural(size, `${where}.size`), access };
    }),
    axes: list(kernel["axes"], `${path}.axes`).map((entry, index) => {
      const { extent, order } = record(entry, `${path}.axes[${index}]`);
      if (order !== "parallel" && order !== "sequential") return fail(`${path}.axes[${index}].order`);
      return { extent: natural(extent, `${path}.axes[${index}].extent`), order };
    }),
    stages: list(kernel["stages"], `${path}.stages`).map((entry, index) => decodeStage(entry, `${path}.stages[${index}]`)),
    aliases: list(kernel["aliases"], `${path}.aliases`).map((entry, index) => {
      const [written, read] = naturals(entry, `${path}.aliases[${index}]`);
      return written === undefined || read === undefined ? fail(`${path}.aliases[${index}]`) : [written, read];
    }),
  };
}

function decodeStage(json: unknown, path: string): Stage {
  const stage = record(json, path);
  const scalars: KernelScalar[] = [];
  const at = (index: unknown, where: string): KernelScalar =>
    scalars[natural(index, where)] ?? fail(`${where}: scalar ${String(index)} is not defined before it is used`);
  for (const [index, entry] of list(stage["scalars"], `${path}.scalars`).entries()) {
    scalars.push(decodeScalar(entry, at, `${path}.scalars[${index}]`));
  }
  return {
    axes: naturals(stage["axes"], `${path}.axes`),
    accumulators: list(stage["accumulators"], `${path}.accumulators`).map((entry, index) => {
      const [combine, value] = list(entry, `${path}.accumulators[${index}]`);
      if (typeof combine !== "string" || !isCombine(combine)) return fail(`${path}.accumulators[${index}]`);
      return { combine, value: at(value, `${path}.accumulators[${index}]`) };
    }),
    stores: list(stage["stores"], `${path}.stores`).map((entry, index) => {
      const where = `${path}.stores[${index}]`;
      const { value, combine } = record(entry, where);
      const store = { ...decodeLocation(entry, at, where), value: at(value, `${where}.value`) };
      if (combine === undefined) return store;
      return typeof combine === "string" && isCombine(combine) ? { ...store, combine } : fail(`${where}.combine`);
    }),
  };
}

function decodeScalar(json: unknown, at: (index: unknown, where: string) => KernelScalar, path: string): KernelScalar {
  const [kind, dtype, ...rest] = list(json, path);
  if (typeof kind !== "string" || !isDType(dtype)) return fail(path);
  const [first, second] = rest;
  if (kind === "constant") return { kind, dtype, value: decodeNumber(first, path) };
  if (kind === "coordinate") return { kind, dtype: "int32", axis: natural(first, path) };
  if (kind === "accumulator") return { kind, dtype, stage: natural(first, path), index: natural(second, path) };
  if (kind === "load") {
    const load: Load = { kind, dtype, ...decodeLocation(first, at, path), fill: decodeNumber(second, path) };
    return load;
  }
  if (!isScalarOp(kind)) return fail(`${path}: unknown scalar operation ${kind}`);
  return { kind: "operation", op: kind, dtype, inputs: rest.map((index) => at(index, path)) };
}

function decodeLocation(json: unknown, at: (index: unknown, where: string) => KernelScalar, path: string): Location {
  const { buffer, offset, indirect, bounds } = record(json, path);
  const [start = 0, ...strides] = integers(offset, `${path}.offset`);
  return {
    buffer: natural(buffer, `${path}.buffer`),
    offset: { offset: start, strides },
    indirect: list(indirect, `${path}.indirect`).map((entry): Indirect => {
      const [index, stride, extent] = list(entry, `${path}.indirect`);
      const where = `${path}.indirect`;
      return { index: at(index, where), stride: natural(stride, where), extent: natural(extent, where) };
    }),
    bounds: list(bounds, `${path}.bounds`).map((entry) => {
      const [extent = 0, from = 0, ...terms] = integers(entry, `${path}.bounds`);
      return { extent, value: { offset: from, strides: terms } };
    }),
  };
}

export function decodeNumber(value: unknown, path: string): number {
  if (typeof value === "number") return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity" || value === "-0") return Number(value);
  return fail(path);
}

function record(value: unknown, path: string): { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path);
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path);
}

function integers(value: unknown, path: string): number[] {
  return list(value, path).map((item) => (typeof item === "number" && Number.isSafeInteger(item) ? item : fail(path)));
}

function naturals(value: unknown, path: string): number[] {
  return list(value, path).map((item) => natural(item, path));
}

function natural(value: unknown, path: string): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : fail(path);
}

function fail(path: string): never {
  throw new VerificationError(`${path} is not what a kernel has there.`, path);
}
