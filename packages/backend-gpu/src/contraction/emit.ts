/**
 * A contraction as a shader: tiles of both factors in shared memory, a smaller tile of sums in the registers of each thread,
 * the next tile of factors on its way from memory while this one is multiplied. What follows the sum is evaluated where the
 * sum is. The layout is that of Volkov and Demmel 2008, with quads instead of scalars.
 */

import type { Kernel } from "@adjoint/core/kernel";
import { type Site, Values } from "../shader/evaluate.js";
import type { Memory } from "../shader/memory.js";
import { assemble, type Shader } from "../shader/shader.js";
import { unflatten } from "../shader/unflatten.js";
import { storeFour } from "../shader/wide.js";
import { Names, Scope } from "../wgsl/scope.js";
import { Fetch } from "./fetch.js";
import { isQuad } from "./quads.js";
import { type Contraction, epilogueCost } from "./recognize.js";
import { columnsOf, rowsOf, type Tile } from "./tile.js";

/** Parts of the sum, counted by a kernel axis. */
export interface SumParts {
  readonly axis: number;
  readonly parts: number;
}

export interface Tiling {
  readonly contraction: Contraction;
  readonly tile: Tile;
  readonly part?: SumParts;
}

/**
 * Inner positions that are added up one by one; blocks of them are added in turn, so that the error of a sum grows with the
 * length of a block and the number of blocks, not with their product.
 */
const block = 128;

/** Operations behind the sum up to which the text of each element is written out. */
const cheap = 8;

export function emitContraction(kernel: Kernel, memory: Memory, tiling: Tiling): Shader {
  const { contraction, tile, part } = tiling;
  const { rows, columns, batch, inner } = contraction;
  const scope = new Scope(new Names());
  const [, across] = tile.threads;
  const threads = tile.threads[0] * across;
  const site: Site = { memory, axis: (axis) => `i${axis}`, accumulator: () => "sum" };
  scope.line(`let row_thread = i32(local / ${across}u);`);
  scope.line(`let column_thread = i32(local % ${across}u);`);
  scope.line(`let row_start = i32(group.y) * ${rowsOf(tile)}i;`);
  scope.line(`let column_start = i32(group.x) * ${columnsOf(tile)}i;`);
  const outer = part === undefined ? batch.axes : [...batch.axes, { axis: part.axis, extent: part.parts }];
  unflatten(scope, "i32(group.z)", outer);
  const shared = { inner, depth: tile.depth, threads };
  const left = new Fetch(
    { ...shared, name: "left", value: contraction.left, own: rows, width: rowsOf(tile) },
    site,
  );
  const right = new Fetch(
    { ...shared, name: "right", value: contraction.right, own: columns, width: columnsOf(tile) },
    site,
  );
  left.prepare(scope, "row_start");
  right.prepare(scope, "column_start");
  const sums = sumNames(tile);
  for (const name of sums.flat()) scope.line(`var ${name} = vec4<f32>();`);
  sumLoop(scope, tiling, left, right, sums);
  storeAll(scope, kernel, site, tiling, sums);
  const count = batch.size * (part?.parts ?? 1);
  return {
    code: assemble(memory, [left.declare(), right.declare()], [threads], scope.lines),
    workgroups: [Math.ceil(columns.size / columnsOf(tile)), Math.ceil(rows.size / rowsOf(tile)), count],
  };
}

/** By row and quad of columns. */
function sumNames({ each }: Tile): string[][] {
  return Array.from({ length: each[0] }, (_, row) =>
    Array.from({ length: each[1] / 4 }, (_, quad) => `sum_${row}_${quad}`),
  );
}

/** Inner positions of one part of the sum: whole tiles. */
export function chunkOf({ contraction, tile, part }: Tiling): number {
  const tiles = Math.ceil(contraction.inner.size / tile.depth);
  return Math.ceil(tiles / (part?.parts ?? 1)) * tile.depth;
}

function sumLoop(scope: Scope, tiling: Tiling, left: Fetch, right: Fetch, sums: string[][]): void {
  const { contraction, tile, part } = tiling;
  const { depth } = tile;
  const chunk = chunkOf(tiling);
  const size = contraction.inner.size;
  scope.line(`let inner_start = ${part === undefined ? "0i" : `i${part.axis} * ${chunk}i`};`);
  scope.line(
    `let inner_end = ${part === undefined ? `${size}i` : `min(inner_start + ${chunk}i, ${size}i)`};`,
  );
  const first = scope.inner();
  left.read(first, "inner_start");
  right.read(first, "inner_start");
  scope.nest("", first);
  const loop = scope.inner();
  left.put(loop);
  right.put(loop);
  loop.line("workgroupBarrier();");
  const ahead = loop.inner();
  ahead.line(`let next = k + ${depth}i;`);
  left.read(ahead, "next");
  right.read(ahead, "next");
  loop.nest(`if (k + ${depth}i < inner_end)`, ahead);
  const multiply = loop.inner();
  multiplyTile(multiply, tile, left.pitch, right.pitch, sums);
  loop.nest(`for (var s = 0i; s < ${depth}i; s++)`, multiply);
  loop.line("workgroupBarrier();");
  const all = chunk > 2 * block ? sums.flat() : [];
  for (const name of all) scope.line(`var all_${name} = vec4<f32>();`);
  if (all.length > 0) {
    const end = loop.inner();
    for (const name of all) {
      end.line(`all_${name} += ${name};`);
      end.line(`${name} = vec4<f32>();`);
    }
    loop.nest(`if ((k - inner_start) % ${block}i == ${block - depth}i)`, end);
  }
  scope.nest(`for (var k = inner_start; k < inner_end; k += ${depth}i)`, loop);
  for (const name of all) scope.line(`${name} += all_${name};`);
}

function multiplyTile(
  scope: Scope,
  { threads: [down, across], each }: Tile,
  leftPitch: number,
  rightPitch: number,
  sums: string[][],
): void {
  for (let quad = 0; quad < each[0] / 4; quad++)
    scope.line(`let l${quad} = left_tile[s * ${leftPitch}i + ${quad * down}i + row_thread];`);
  for (let quad = 0; quad < each[1] / 4; quad++)
    scope.line(`let r${quad} = right_tile[s * ${rightPitch}i + ${quad * across}i + column_thread];`);
  for (const [row, names] of sums.entries()) {
    const factor = `vec4<f32>(l${Math.floor(row / 4)}[${row % 4}])`;
    for (const [quad, name] of names.entries()) scope.line(`${name} = fma(${factor}, r${quad}, ${name});`);
  }
}

/** Everything behind the sum, for each element of a thread's tile. */
function storeAll(scope: Scope, kernel: Kernel, site: Site, tiling: Tiling, sums: string[][]): void {
  const { tile } = tiling;
  const [down, across] = tile.threads;
  const quads = tile.each[1] / 4;
  if (epilogueCost(kernel) <= cheap) {
    for (const [row, names] of sums.entries()) {
      for (const [quad, name] of names.entries()) {
        const block = scope.inner();
        block.line(`let row = row_start + row_thread * 4i + ${Math.floor(row / 4) * down * 4 + (row % 4)}i;`);
        block.line(`let column = column_start + column_thread * 4i + ${quad * across * 4}i;`);
        storeQuad(block, kernel, site, tiling, name);
        scope.nest("", block);
      }
    }
    return;
  }
  const all = sums.flat();
  scope.line(`var sums = array<vec4<f32>, ${all.length}>(${all.join(", ")});`);
  const loop = scope.inner();
  loop.line(`let row_of = e / ${quads}i;`);
  loop.line(`let row = row_start + row_thread * 4i + row_of / 4i * ${down * 4}i + row_of % 4i;`);
  loop.line(`let column = column_start + column_thread * 4i + e % ${quads}i * ${across * 4}i;`);
  loop.line("let quad_sum = sums[e];");
  storeQuad(loop, kernel, site, tiling, "quad_sum");
  scope.nest(`for (var e = 0i; e < ${all.length}i; e++)`, loop);
}

/** The elements (row, column) to (row, column + 3). */
function storeQuad(
  scope: Scope,
  kernel: Kernel,
  site: Site,
  { contraction, tile }: Tiling,
  sum: string,
): void {
  const { rows, columns } = contraction;
  const inside: string[] = [];
  if (rows.size % rowsOf(tile) !== 0) inside.push(`row < ${rows.size}i`);
  const exact = columns.size % columnsOf(tile) === 0;
  const together = columns.size % 4 === 0;
  if (!exact) inside.push(`column < ${columns.size}i`);
  const block = scope.inner();
  unflatten(block, "row", rows.axes);
  const elements = Array.from({ length: 4 }, (_, e) => {
    const element = e === 0 || together ? block : block.inner();
    unflatten(element, e === 0 ? "column" : `column + ${e}i`, columns.axes, (axis) => columnName(axis, e));
    const axis = (other: number): string =>
      columns.axes.some((column) => column.axis === other) ? columnName(other, e) : site.axis(other);
    const here: Site = { ...site, axis, accumulator: () => element.bind(`${sum}[${e}]`, "s") };
    return { site: here, values: new Values(here, element) };
  });
  const stores = kernel.stages[1]?.stores ?? [];
  if (together) storeFour(block, elements, stores, site.memory, (store) => isQuad(store, columns));
  else {
    for (const [e, { values }] of elements.entries()) {
      values.store(stores);
      if (values.scope !== block) block.nest(`if (column + ${e}i < ${columns.size}i)`, values.scope);
    }
  }
  if (inside.length > 0) scope.nest(`if (${inside.join(" && ")})`, block);
  else scope.lines.push(...block.lines);
}

function columnName(axis: number, e: number): string {
  return `i${axis}_${e}`;
}
