/** Programs large enough for the forms of shaders that op cases are too small for: tiles, sums in parts, owned stores. */

import {
  add,
  argSort,
  cast,
  constant,
  conv2d,
  cumMax,
  cumProd,
  cumSum,
  type Graph,
  gather,
  gelu,
  graph,
  greater,
  input,
  layerNorm,
  linearScan,
  log,
  logCumSumExp,
  lu,
  matmul,
  max,
  mul,
  type Node,
  normal,
  parameter,
  relu,
  sizeOf,
  sliceAxis,
  softmax,
  solve,
  square,
  sub,
  sum,
  transpose,
  where,
} from "@adjoint/core";
import { gradient } from "@adjoint/scheduler";
import { direction, stream } from "../ops/draw.js";

export interface LargeProgram {
  readonly name: string;
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Float32Array | Int32Array>>;
  /** Relative to the largest element of an output. */
  readonly tolerance: number;
}

function draw(name: string, size: number): Float32Array {
  return Float32Array.from(direction(size, stream(name)));
}

/** A product with bias and activation, of plain and of transposed operands. */
function product(rows: number, inner: number, columns: number): LargeProgram {
  const x = input("x", [rows, inner]);
  const w = input("w", [inner, columns]);
  const xt = input("xt", [inner, rows]);
  const wt = input("wt", [columns, inner]);
  const bias = input("bias", [columns]);
  const transposed = matmul(transpose(xt), transpose(wt));
  const feeds = {
    x: draw("x", rows * inner),
    w: draw("w", inner * columns),
    xt: draw("xt", rows * inner),
    wt: draw("wt", inner * columns),
    bias: draw("bias", columns),
  };
  const outputs = { plain: relu(add(matmul(x, w), bias)), transposed: gelu(add(transposed, bias)) };
  return { name: `${rows} × ${inner} × ${columns}`, graph: graph({ outputs }), feeds, tolerance: 1e-6 };
}

/** A product in tiles whose sums are long, of one sign: too many tiles to sum in parts. */
function longProduct(): LargeProgram {
  const [x, w] = [input("x", [256, 5000]), input("w", [5000, 256])];
  const positive = (name: string): Float32Array =>
    draw(name, 1_280_000).map((element) => 0.5 + 0.4 * element);
  const y = matmul(x, w);
  const feeds = { x: positive("x"), w: positive("w") };
  return { name: "256 × 5000 × 256", graph: graph({ outputs: { y } }), feeds, tolerance: 1e-6 };
}

function convolution(batch: number, channels: number, features: number): LargeProgram {
  const x = input("x", [batch, channels, 12, 12]);
  const kernel = input("kernel", [features, channels, 3, 3]);
  const y = conv2d(x, kernel, { padding: 1 });
  const [dx, dk] = gradient(sum(square(y)), [x, kernel]);
  const feeds = { x: draw("x", batch * channels * 144), kernel: draw("kernel", features * channels * 9) };
  return {
    name: `convolution and adjoints, ${channels} to ${features} channels`,
    graph: graph({ outputs: { y, dx, dk } }),
    feeds,
    tolerance: 2e-6,
  };
}

function batched(): LargeProgram {
  const x = input("x", [3, 40, 32]);
  const w = input("w", [3, 32, 36]);
  const feeds = { x: draw("x", 3840), w: draw("w", 3456) };
  return { name: "batched product", graph: graph({ outputs: { y: matmul(x, w) } }), feeds, tolerance: 1e-6 };
}

function reductions(): LargeProgram {
  const x = input("x", [8, 20_000]);
  const outputs = { soft: softmax(x), total: sum(square(x)), most: max(x), columns: sum(x, { axes: [0] }) };
  return {
    name: "long reductions",
    graph: graph({ outputs }),
    feeds: { x: draw("x", 160_000) },
    tolerance: 1e-6,
  };
}

function embedding(): LargeProgram {
  const table = parameter("table", [50, 32], normal({ std: 1, seed: 3 }));
  const index = input("index", [700], "int32");
  const [d] = gradient(sum(square(gather(table, index))), [table]);
  const feeds = { index: Int32Array.from({ length: 700 }, (_, k) => (k * k + 3 * k) % 50) };
  return { name: "embedding's adjoint", graph: graph({ outputs: { d } }), feeds, tolerance: 1e-6 };
}

/** Terms of one sign, whose errors do not cancel: rows of many blocks, rows apart in memory, and short ones. */
function scans(name: string, shape: readonly number[], axis: number): LargeProgram {
  const x = input("x", shape);
  const sign = where(greater(x, 0.1), constant(1), -1);
  const outputs = {
    sum: cumSum(x, { axis }),
    after: cumSum(x, { axis, reverse: true, exclusive: true }),
    most: cumMax(x, { axis, reverse: true }),
    sign: cumProd(sign, { axis, exclusive: true }),
    count: cumSum(cast(greater(x, 0.1), "int32"), { axis }),
  };
  const feeds = { x: draw("x", sizeOf(shape)).map((element) => 0.1 + 0.01 * element) };
  return { name: `scans of ${name}`, graph: graph({ outputs }), feeds, tolerance: 1e-6 };
}

/** Products that overflow and that vanish between numbers that do neither: behind a zero, and behind a small number. */
function products(rows: number, length: number): LargeProgram {
  const [zero, small] = [input("zero", [rows, length]), input("small", [rows, length])];
  const outputs = {
    zero: cumProd(zero, { axis: 1 }),
    backwards: cumProd(zero, { axis: 1, reverse: true, exclusive: true }),
    small: cumProd(small, { axis: 1 }),
    columns: cumProd(transpose(zero), { axis: 0 }),
  };
  const filled = (of: (position: number) => number): Float32Array =>
    Float32Array.from({ length: rows * length }, (_, k) => of(k % length));
  const feeds = {
    zero: filled((k) => (k === 0 || k === length - 1 ? 0 : 4)),
    small: filled((k) => (k < 30 ? 0.125 : k < 170 ? 2 : 0.5)),
  };
  const name = `running products of ${rows} × ${length}`;
  return { name, graph: graph({ outputs }), feeds, tolerance: 1e-7 };
}

/** Recurrences of any factors, and of factors that are often 0 or would overflow if they were multiplied alone. */
function recurrences(name: string, shape: readonly number[], axis: number): LargeProgram {
  const [x, y] = [input("x", shape), input("y", shape)];
  const [d] = gradient(sum(mul(y, cumMax(x, { axis }))), [x]);
  const growing = linearScan(where(greater(x, -0.3), constant(8), 0), where(greater(y, 0), y, 0), { axis });
  const outputs = {
    plain: linearScan(sub(1, square(x)), y, { axis }),
    backwards: linearScan(x, y, { axis, reverse: true }),
    logarithm: log(add(1, growing)),
    exponentials: logCumSumExp(mul(50, x), { axis }),
    d,
  };
  const feeds = { x: draw("x", sizeOf(shape)), y: draw("y", sizeOf(shape)) };
  return { name: `recurrences of ${name}`, graph: graph({ outputs }), feeds, tolerance: 2e-6 };
}

/** Recurrences in parts of 32, in some of which the factors' product is no float although every number of the recurrence is. */
function farFactors(): LargeProgram {
  const length = 1000;
  const cases: Readonly<Record<string, readonly [number, (position: number) => number]>> = {
    vanishing: [1e20, (k) => (k < 32 ? 1 : k < 44 ? 1e-4 : k < 64 ? 1 : k < 76 ? 1e4 : 1)],
    overflowing: [1e-20, (k) => (k < 32 ? 1 : k < 44 ? 1e4 : k < 64 ? 1 : k < 76 ? 1e-4 : 1)],
    forgotten: [1e-20, (k) => (k < 32 ? 1 : k < 56 ? -30 : k < 57 ? 0 : 1)],
    largest: [2 ** -120, (k) => (k === 40 ? 1.5 * 2 ** 127 : k === 41 ? -1.5 : k === 45 ? 2 ** -126 : 1)],
  };
  const named = Object.entries(cases);
  const term = ([name, [first]]: (typeof named)[number]): Node => {
    const start = Array.from({ length }, (_, k) => (k === 0 ? first : k === 900 ? first / 8 : 0));
    return linearScan(input(name, [length]), constant(start));
  };
  const outputs = Object.fromEntries(named.map((entry) => [entry[0], term(entry)]));
  const feeds = Object.fromEntries(
    named.map(([name, [, factor]]) => [name, Float32Array.from({ length }, (_, k) => factor(k))]),
  );
  return { name: "recurrences of far factors", graph: graph({ outputs }), feeds, tolerance: 2e-6 };
}

function lines(): LargeProgram {
  const x = input("x", [2, 3000]);
  const outputs = { order: argSort(x), running: cumSum(x, { axis: 1 }) };
  return { name: "sort and scan", graph: graph({ outputs }), feeds: { x: draw("x", 6000) }, tolerance: 1e-6 };
}

/** Keys with ties, infinities and what is no number, longer than what one workgroup sorts. */
function order(): LargeProgram {
  const x = input("x", [9001]);
  const outputs = { up: argSort(x), down: argSort(x, { descending: true }) };
  const keys = draw("x", 9001).map((element, k) => {
    if (k % 91 === 0) return Number.NaN;
    return k % 97 === 0 ? Math.sign(element) * Number.POSITIVE_INFINITY : Math.round(50 * element);
  });
  return { name: "a long sort", graph: graph({ outputs }), feeds: { x: keys }, tolerance: 0 };
}

/** Matrices larger than those whose elements are compared one by one. */
function factors(): LargeProgram {
  const x = input("x", [2, 70, 70]);
  const outputs = { factors: lu(x), solution: solve(x, sliceAxis(x, 2, 0, 3)) };
  return { name: "factors", graph: graph({ outputs }), feeds: { x: draw("x", 9800) }, tolerance: 1e-4 };
}

/** Taken four neighbors at a time: maps with factors of rows and of columns, in place too, and sums along each axis. */
function quads(rows: number, columns: number): LargeProgram {
  const x = input("x", [rows, columns]);
  const row = input("row", [columns]);
  const column = input("column", [rows, 1]);
  const w = parameter("w", [rows, columns], normal({ std: 1, seed: 5 }));
  const mapped = add(mul(relu(x), row), column);
  const outputs = {
    mapped,
    positive: greater(mapped, 0),
    down: sum(square(x), { axes: [0] }),
    along: sum(mul(x, row), { axes: [1] }),
    most: max(x, { axes: [0] }),
    normal: layerNorm(x),
    soft: softmax(x),
  };
  const feeds = { x: draw("x", rows * columns), row: draw("row", columns), column: draw("column", rows) };
  const updates = [{ parameter: w, value: add(mul(0.5, w), x) }];
  return {
    name: `quads of ${rows} × ${columns}`,
    graph: graph({ outputs, updates }),
    feeds,
    tolerance: 2e-6,
  };
}

export const largePrograms: readonly LargeProgram[] = [
  product(33, 17, 65),
  product(130, 66, 100),
  product(20, 1000, 31),
  product(256, 32, 132),
  product(8200, 20, 7),
  product(13, 40, 8260),
  longProduct(),
  batched(),
  convolution(4, 8, 32),
  convolution(60, 6, 16),
  reductions(),
  embedding(),
  lines(),
  scans("one row", [70_001], 0),
  scans("some rows", [3, 2500], 1),
  scans("columns", [5, 900, 6], 1),
  scans("many columns", [400, 260], 0),
  products(1, 200),
  products(3, 5000),
  recurrences("one row", [20_011], 0),
  recurrences("columns", [3, 500, 5], 1),
  farFactors(),
  order(),
  factors(),
  quads(260, 136),
  quads(36, 2052),
];
