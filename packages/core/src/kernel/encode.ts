/**
 * Kernels as JSON: scalars in one list, referred to by position, so that shared subexpressions stay shared. Equal kernels
 * encode equally.
 */

import {
  readChoice,
  readDType,
  readIntegers,
  readList,
  readNatural,
  readNumber,
  readRecord,
  refuse,
  writeNumber,
} from "../json.js";
import { isScalarOp } from "../scalar/operations.js";
import { isOperation } from "../scalar/scalar.js";
import { type Combine, isCombine } from "./combine.js";
import type { Indirect, Kernel, KernelBuffer, KernelScalar, Location, Stage } from "./kernel.js";
import { rootsOf, scalarsOf } from "./walk.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

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
    if (value.kind === "constant") return ["constant", value.dtype, writeNumber(value.value)];
    if (value.kind === "coordinate") return ["coordinate", value.dtype, value.axis];
    if (value.kind === "accumulator") return ["accumulator", value.dtype, value.stage, value.index];
    return ["load", value.dtype, location(value), writeNumber(value.fill)];
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

/** Reads what `encodeKernel` wrote. @throws ParseError with the path of the entry that is not part of a kernel. */
export function decodeKernel(json: unknown, path = "kernel"): Kernel {
  const kernel = readRecord(json, path);
  return {
    buffers: readList(kernel.get("buffers"), `${path}.buffers`, decodeBuffer),
    axes: readList(kernel.get("axes"), `${path}.axes`, (entry, at) => {
      const axis = readRecord(entry, at);
      return {
        extent: readNatural(axis.get("extent"), `${at}.extent`),
        order: readChoice(["parallel", "sequential"], axis.get("order"), `${at}.order`),
      };
    }),
    stages: readList(kernel.get("stages"), `${path}.stages`, decodeStage),
    aliases: readList(kernel.get("aliases"), `${path}.aliases`, (entry, at) => {
      const [written, read] = readList(entry, at, readNatural);
      return written === undefined || read === undefined ? refuse("two buffers", entry, at) : [written, read];
    }),
  };
}

function decodeBuffer(json: unknown, path: string): KernelBuffer {
  const buffer = readRecord(json, path);
  return {
    dtype: readDType(buffer.get("dtype"), `${path}.dtype`),
    size: readNatural(buffer.get("size"), `${path}.size`),
    access: readChoice(["read", "write", "update"], buffer.get("access"), `${path}.access`),
  };
}

type Lookup = (index: unknown, path: string) => KernelScalar;

function decodeStage(json: unknown, path: string): Stage {
  const stage = readRecord(json, path);
  const scalars: KernelScalar[] = [];
  const at: Lookup = (index, where) =>
    scalars[readNatural(index, where)] ?? refuse("a scalar defined before its use", index, where);
  // One at a time: an entry refers to those before it.
  readList(stage.get("scalars"), `${path}.scalars`, (entry, where) =>
    scalars.push(decodeScalar(entry, at, where)),
  );
  return {
    axes: readList(stage.get("axes"), `${path}.axes`, readNatural),
    accumulators: readList(stage.get("accumulators"), `${path}.accumulators`, (entry, where) => {
      const [combine, value] = readList(entry, where, (part) => part);
      return { combine: decodeCombine(combine, where), value: at(value, where) };
    }),
    stores: readList(stage.get("stores"), `${path}.stores`, (entry, where) => {
      const fields = readRecord(entry, where);
      const store = { ...decodeLocation(entry, at, where), value: at(fields.get("value"), `${where}.value`) };
      const combine = fields.get("combine");
      return combine === undefined
        ? store
        : { ...store, combine: decodeCombine(combine, `${where}.combine`) };
    }),
  };
}

function decodeCombine(value: unknown, path: string): Combine {
  return typeof value === "string" && isCombine(value) ? value : refuse("a combination", value, path);
}

function decodeScalar(json: unknown, at: Lookup, path: string): KernelScalar {
  const [kind, type, ...rest] = readList(json, path, (part) => part);
  const dtype = readDType(type, path);
  const [first, second] = rest;
  if (kind === "constant") return { kind, dtype, value: readNumber(first, path) };
  if (kind === "coordinate") return { kind, dtype: "int32", axis: readNatural(first, path) };
  if (kind === "accumulator")
    return { kind, dtype, stage: readNatural(first, path), index: readNatural(second, path) };
  if (kind === "load")
    return { kind, dtype, ...decodeLocation(first, at, path), fill: readNumber(second, path) };
  if (typeof kind !== "string" || !isScalarOp(kind)) return refuse("a scalar operation", kind, path);
  return { kind: "operation", op: kind, dtype, inputs: rest.map((index) => at(index, path)) };
}

function decodeLocation(json: unknown, at: Lookup, path: string): Location {
  const fields = readRecord(json, path);
  const [start = 0, ...strides] = readIntegers(fields.get("offset"), `${path}.offset`);
  return {
    buffer: readNatural(fields.get("buffer"), `${path}.buffer`),
    offset: { offset: start, strides },
    indirect: readList(fields.get("indirect"), `${path}.indirect`, (entry, where): Indirect => {
      const [index, stride, extent] = readList(entry, where, (part) => part);
      return {
        index: at(index, where),
        stride: readNatural(stride, where),
        extent: readNatural(extent, where),
      };
    }),
    bounds: readList(fields.get("bounds"), `${path}.bounds`, (entry, where) => {
      const [extent = 0, from = 0, ...terms] = readIntegers(entry, where);
      return { extent, value: { offset: from, strides: terms } };
    }),
  };
}
