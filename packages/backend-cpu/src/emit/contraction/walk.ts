/**
 * The loops around the parts of a contraction: which axes they run over, in which pieces, where they stand while code is
 * emitted, and which of them the threads divide. It refuses to know what happens inside.
 */

import type { Affine } from "@adjoint/core/kernel";
import type { FunctionBody } from "../../wasm/function.js";
import type { Emission } from "../emission.js";
import type { Part } from "../part.js";
import { chooseSplit } from "../split.js";
import type { Loops } from "./blocking.js";
import type { Own } from "./parts.js";
import type { Contraction } from "./recognize.js";

export class Walk {
  /** Loops around blocks of columns, inside them over panels of rows, and over pieces of the sum. */
  readonly blocks: readonly number[];
  readonly rows: readonly number[];
  readonly pieces: readonly number[];
  readonly #emission: Emission;
  readonly #body: FunctionBody;
  readonly #contraction: Contraction;
  readonly #loops: Loops;
  /** The local that holds the position of each loop. */
  readonly #positions: ReadonlyMap<number, number>;
  /** Positions of an axis in the piece that code is emitted for. */
  readonly #sizes = new Map<number, number>();
  /** The axis of the loop that the threads divide. */
  readonly #divided: number | undefined;

  constructor(
    emission: Emission,
    body: FunctionBody,
    contraction: Contraction,
    loops: Loops,
    divided: boolean,
  ) {
    this.#emission = emission;
    this.#body = body;
    this.#contraction = contraction;
    this.#loops = loops;
    const { outerColumns, columnCut, outerRows, rowCut, reducedCuts } = loops;
    const cut = columnCut === undefined ? [] : [columnCut.axis];
    this.blocks = [...contraction.shared, ...outerColumns, ...cut];
    this.rows = [...outerRows, rowCut.axis];
    this.pieces = reducedCuts.map(({ axis }) => this.#reducedAxis(axis));
    const all = [...this.blocks, ...this.rows];
    this.#positions = new Map([...all, ...this.pieces].map((axis) => [axis, body.local("i32")]));
    const counted = all.map((axis) => ({ axis, count: countOf(this.#partsOf(axis)) }));
    this.#divided = divided ? chooseSplit(counted, emission.threads) : undefined;
  }

  /** Whether threads divide one of the loops. */
  get divides(): boolean {
    return this.#divided !== undefined;
  }

  /** Loops over axes, in pieces those that are cut. */
  over(axes: readonly number[], inside: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) {
      inside();
      return;
    }
    const parts = this.#partsOf(axis);
    let before = 0;
    for (const part of parts) {
      this.#sizes.set(axis, part.factor);
      const body = (): void => this.over(rest, inside);
      if (axis === this.#divided) this.#sharedLoop(axis, part, before, countOf(parts), body);
      else this.#loop(axis, part, body);
      before += part.count;
    }
    this.#sizes.delete(axis);
  }

  /** Leaves the position on an axis on the stack. */
  push(axis: number): void {
    this.#body.get(this.#positions.get(axis) ?? 0);
  }

  /** Leaves on the stack the address of an element of a buffer at the positions on some axes. */
  pushElement(buffer: number, { offset, strides }: Affine, axes: readonly number[]): void {
    const body = this.#body;
    body.get(buffer);
    body.i32(4 * offset);
    body.op("i32.add");
    for (const axis of axes) {
      const stride = strides[axis] ?? 0;
      if (stride === 0) continue;
      this.push(axis);
      body.i32(4 * stride);
      body.op("i32.mul");
      body.op("i32.add");
    }
  }

  /** Leaves on the stack how many bytes the current panel is from the first row, with so many bytes in a row. */
  pushRow(bytes: number): void {
    const body = this.#body;
    let scale = bytes;
    body.i32(0);
    for (const axis of [...this.rows].reverse()) {
      this.push(axis);
      body.i32(scale);
      body.op("i32.mul");
      body.op("i32.add");
      scale *= this.extentOf(axis);
    }
  }

  /** Positions of an axis in the current piece. */
  sizeOf(axis: number): number {
    return this.#sizes.get(axis) ?? 1;
  }

  extentOf(axis: number): number {
    const { kernel, reduced } = this.#contraction;
    return kernel.axes[axis]?.extent ?? reduced[axis - kernel.axes.length] ?? 1;
  }

  /** What a panel of rows, a block of columns and a piece of the sum consist of now. */
  panel(): Own[] {
    const { axis } = this.#loops.rowCut;
    return [{ axis, size: this.sizeOf(axis) }];
  }

  columns(): Own[] {
    const { columnCut, innerColumns } = this.#loops;
    const cut = columnCut === undefined ? [] : [{ axis: columnCut.axis, size: this.sizeOf(columnCut.axis) }];
    return [...cut, ...innerColumns.map((axis) => ({ axis, size: this.extentOf(axis) }))];
  }

  reduced(): Own[] {
    return this.#contraction.reduced.map((extent, position) => {
      const axis = this.#reducedAxis(position);
      return { axis, size: this.#sizes.get(axis) ?? extent };
    });
  }

  #loop(axis: number, part: Part, inside: () => void): void {
    const body = this.#body;
    const position = this.#positions.get(axis) ?? 0;
    body.i32(part.base);
    body.set(position);
    if (part.count === 1) inside();
    else this.#repeat(position, part, inside, () => body.i32(part.base + part.count * part.factor));
  }

  #sharedLoop(axis: number, part: Part, before: number, total: number, inside: () => void): void {
    const body = this.#body;
    const position = this.#positions.get(axis) ?? 0;
    const end = body.local("i32");
    for (const [edge, local] of [position, end].entries()) {
      const share = { before, part };
      this.#emission.pushShare(body, this.#contraction.kernel, total, edge === 0 ? 0 : 1, share);
      body.i32(part.base);
      body.op("i32.add");
      body.set(local);
    }
    body.get(position);
    body.get(end);
    body.op("i32.lt_u");
    body.branch(undefined, () => this.#repeat(position, part, inside, () => body.get(end)));
    body.release(end);
  }

  #repeat(position: number, { factor }: Part, inside: () => void, pushEnd: () => void): void {
    const body = this.#body;
    body.loop(() => {
      inside();
      body.get(position);
      body.i32(factor);
      body.op("i32.add");
      body.tee(position);
      pushEnd();
      body.op("i32.lt_u");
    });
  }

  #reducedAxis(position: number): number {
    return this.#contraction.kernel.axes.length + position;
  }

  #partsOf(axis: number): readonly Part[] {
    const { columnCut, rowCut, reducedCuts } = this.#loops;
    const cut =
      [columnCut, rowCut].find((candidate) => candidate?.axis === axis) ??
      reducedCuts.find((candidate) => this.#reducedAxis(candidate.axis) === axis);
    if (cut !== undefined) return cut.parts;
    return [{ base: 0, count: this.extentOf(axis), factor: 1 }];
  }
}

function countOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}
