/**
 * A blocked contraction: for each block of columns, pack it; for each panel of rows, pack that, multiply tile by tile,
 * finish the sums. Where the sum is done in pieces, all rows are finished after the last piece.
 * It refuses to know operands: packing and finishing are kernels of their own.
 */

import type { Kernel } from "@adjoint/core/kernel";
import type { FunctionBody } from "../../wasm/function.js";
import type { Emission } from "../emission.js";
import { type Blocking, balanced } from "./blocking.js";
import { type Direct, findDirect } from "./direct.js";
import type { Addressing } from "./micro.js";
import { emitOffsets } from "./offsets.js";
import { finishing, type Own, packing, type Shape } from "./parts.js";
import type { Contraction } from "./recognize.js";
import { type Scratch, scratchOf } from "./scratch.js";
import type { Shift } from "./shift.js";
import { Walk } from "./walk.js";

/** Points summed in registers before a tile is added to the sums: what keeps the sums of long rows accurate. */
const longest = 64;
/** Emits the function body; parameters are those of every kernel (see `Emission`). */
export function emitContraction(
  emission: Emission,
  body: FunctionBody,
  contraction: Contraction,
  blocking: Blocking,
  divided: boolean,
): void {
  const walk = new Walk(emission, body, contraction, blocking, divided);
  new Driver(emission, body, contraction, blocking, walk).emit();
}

class Driver {
  readonly #emission: Emission;
  readonly #body: FunctionBody;
  readonly #contraction: Contraction;
  readonly #blocking: Blocking;
  readonly #walk: Walk;
  readonly #scratch: Scratch;
  readonly #direct: Direct | undefined;

  constructor(
    emission: Emission,
    body: FunctionBody,
    contraction: Contraction,
    blocking: Blocking,
    walk: Walk,
  ) {
    this.#emission = emission;
    this.#body = body;
    this.#contraction = contraction;
    this.#blocking = blocking;
    this.#walk = walk;
    this.#scratch = scratchOf(contraction, blocking);
    this.#direct = findDirect(contraction);
  }

  emit(): void {
    const walk = this.#walk;
    const { shared } = this.#contraction;
    const inPieces = walk.pieces.length > 0;
    const { shift } = this.#blocking;
    if (shift !== undefined)
      emitOffsets(this.#body, this.#contraction.reduced, shift, () =>
        this.#pushScratch(this.#scratch.offsets),
      );
    walk.over(walk.blocks, () => {
      walk.over(walk.pieces, () => {
        if (shift === undefined) {
          if (this.#inPanels()) this.#packPanels();
          else this.#pack("right", [...walk.blocks, ...walk.pieces], walk.columns(), this.#blocking.stride);
        } else this.#copy(shift);
        walk.over(walk.rows, () => {
          const panel = walk.panel();
          if (this.#direct === undefined)
            this.#pack("left", [...shared, ...walk.rows, ...walk.pieces], panel, sizeOf(panel));
          this.#multiply(sizeOf(panel), shift?.width ?? sizeOf(walk.columns()));
          if (!inPieces) this.#finish();
        });
      });
      if (inPieces) walk.over(walk.rows, () => this.#finish());
    });
  }

  /** scratch[points of the sum, step apart][across] ← operand */
  #pack(side: "left" | "right", given: readonly number[], across: readonly Own[], step: number): void {
    const reduced = this.#walk.reduced();
    const shape = this.#shape(given, [...reduced, ...across]);
    const strides = [...rowMajor(reduced, step), ...rowMajor(across, 1)];
    const { kernel } = this.#contraction;
    this.#call(packing(kernel, this.#contraction[side], shape, strides), this.#scratch[side], shape);
  }

  /** Whether the block of columns consists of whole panels, as wide as a tile, that can lie one behind the other. */
  #inPanels(): boolean {
    const [columns, ...others] = this.#walk.columns();
    const { right } = this.#contraction;
    const plain = right.kind === "load" && right.bounds.length + right.indirect.length === 0;
    const { tile } = this.#emission.features;
    return plain && others.length === 0 && columns !== undefined && columns.size % tile.columns === 0;
  }

  /** scratch[panels][points of the sum][columns of a panel] ← right operand: tiles then read it from one end to the other. */
  #packPanels(): void {
    const walk = this.#walk;
    const { kernel, right } = this.#contraction;
    const width = this.#emission.features.tile.columns;
    const panels = walk.columns().map(({ axis, size }) => ({ axis, size: size / width, step: width }));
    const columns = walk.columns().map(({ axis }) => ({ axis, size: width }));
    const reduced = walk.reduced();
    const shape = this.#shape([...walk.blocks, ...walk.pieces], [...panels, ...reduced, ...columns]);
    const strides = [width * sizeOf(reduced), ...rowMajor(reduced, width), 1];
    this.#call(packing(kernel, right, shape, strides), this.#scratch.right, shape);
  }

  /** The right operand with its border. */
  #copy({ columns, still }: Shift): void {
    const { kernel, reduced } = this.#contraction;
    const channels = still.map(({ axis }) => ({ axis: kernel.axes.length + axis, size: reduced[axis] ?? 1 }));
    const own = [...channels, ...columns];
    const strides = [...still, ...columns].map(({ stride }) => stride);
    // Positions in the border are beyond the extent of an axis; those given are not.
    const shape = this.#shape(this.#walk.blocks, own);
    this.#call(packing(kernel, this.#contraction.right, shape, strides), this.#scratch.right, shape);
  }

  #finish(): void {
    const { kernel } = this.#contraction;
    const columns = this.#walk.columns();
    const { shift } = this.#blocking;
    const shape = this.#shape(
      [...this.#walk.blocks, ...this.#walk.rows],
      [...this.#walk.panel(), ...columns],
    );
    const across = shift?.columns.map(({ stride }) => stride) ?? rowMajor(columns, 1);
    const part = finishing(kernel, shape, [this.#blocking.stride, ...across]);
    this.#call(part, this.#scratch.sums, shape, () => this.#pushRowOffset());
  }

  /** All tiles of a panel of rows. */
  #multiply(rows: number, width: number): void {
    const body = this.#body;
    const { tile, wide } = this.#emission.features;
    const full = Math.floor(width / tile.columns);
    const step = wide ? 8 : 4;
    const rest = Math.ceil((width % tile.columns) / step) * step;
    const panel = body.local("i32");
    body.i32(0);
    body.set(panel);
    if (full > 0) {
      body.loop(() => {
        this.#tile(rows, tile.columns, panel);
        body.get(panel);
        body.i32(4 * tile.columns);
        body.op("i32.add");
        body.tee(panel);
        body.i32(4 * tile.columns * full);
        body.op("i32.lt_u");
      });
    }
    if (rest > 0) this.#tile(rows, rest, panel);
    body.release(panel);
  }

  /** The whole sum of a tile; `panel` holds how many bytes its first column is from that of the block. */
  #tile(rows: number, columns: number, panel: number): void {
    const body = this.#body;
    const { stride, shift } = this.#blocking;
    const { tile } = this.#emission.features;
    const inPanels = shift === undefined && this.#inPanels();
    const points = sizeOf(this.#walk.reduced());
    const next = 4 * (inPanels ? tile.columns : stride);
    const addressing = { ...this.#panelSteps(rows), listed: shift !== undefined };
    let point = 0;
    for (const { count, factor } of balanced(points, longest)) {
      for (let time = 0; time < count; time++) {
        this.#pushLeft(rows, point);
        this.#pushScratch(this.#scratch.right + (shift === undefined ? next * point : 0));
        body.get(panel);
        if (inPanels) {
          body.i32(points);
          body.op("i32.mul");
        }
        body.op("i32.add");
        this.#pushScratch(this.#scratch.sums);
        body.get(panel);
        body.op("i32.add");
        this.#pushRowOffset();
        body.op("i32.add");
        body.i32(factor);
        if (shift === undefined) body.i32(next);
        else this.#pushScratch(this.#scratch.offsets + 4 * point);
        body.i32(4 * stride);
        this.#pushContinues(point);
        body.call(this.#emission.microKernel({ ...tile, rows, columns }, addressing));
        point += factor;
      }
    }
  }

  /** Elements between the points of a panel of rows, and between its rows. */
  #panelSteps(rows: number): Pick<Addressing, "point" | "row"> {
    if (this.#direct === undefined) return { point: rows, row: 1 };
    return { point: 1, row: this.#direct.offset.strides[this.#blocking.rowCut.axis] ?? 0 };
  }

  /** The address of a panel of rows at a point of the sum. */
  #pushLeft(rows: number, point: number): void {
    const direct = this.#direct;
    if (direct === undefined) {
      this.#pushScratch(this.#scratch.left + 4 * rows * point);
      return;
    }
    const body = this.#body;
    const { offset, buffer } = direct;
    body.get(buffer);
    body.i32(4 * (offset.offset + point));
    body.op("i32.add");
    for (const axis of [...this.#contraction.shared, ...this.#walk.rows, ...this.#walk.pieces]) {
      const stride = offset.strides[axis] ?? 0;
      if (stride === 0) continue;
      this.#walk.push(axis);
      body.i32(4 * stride);
      body.op("i32.mul");
      body.op("i32.add");
    }
  }

  /** Whether the tile adds to sums that are there already. */
  #pushContinues(point: number): void {
    const [piece] = this.#walk.pieces;
    if (point > 0 || piece === undefined) {
      this.#body.i32(point > 0 ? 1 : 0);
      return;
    }
    this.#walk.push(piece);
    this.#body.i32(0);
    this.#body.op("i32.ne");
  }

  /** Bytes from the first row of the sums to that of the current panel. */
  #pushRowOffset(): void {
    const body = this.#body;
    body.i32(0);
    if (this.#walk.pieces.length === 0) return;
    let bytes = 4 * this.#blocking.stride;
    for (const axis of [...this.#walk.rows].reverse()) {
      this.#walk.push(axis);
      body.i32(bytes);
      body.op("i32.mul");
      body.op("i32.add");
      bytes *= this.#walk.extentOf(axis);
    }
  }

  /** Calls a part with the buffers, its scratch memory and the positions of its given axes. */
  #call(part: Kernel, scratch: number, { given }: Shape, offset?: () => void): void {
    const body = this.#body;
    for (const buffer of this.#contraction.kernel.buffers.keys()) body.get(buffer);
    this.#pushScratch(scratch);
    if (offset !== undefined) {
      offset();
      body.op("i32.add");
    }
    for (const { axis } of given) this.#walk.push(axis);
    body.call(this.#emission.part(part, given.length));
  }

  #pushScratch(offset: number): void {
    this.#body.get(this.#emission.scratchOf(this.#contraction.kernel));
    this.#body.i32(offset);
    this.#body.op("i32.add");
  }

  #shape(axes: readonly number[], own: readonly Own[]): Shape {
    const given = axes.map((axis) => {
      return { axis, positions: this.#walk.extentOf(axis) - this.#walk.sizeOf(axis) + 1 };
    });
    return { given, own };
  }
}

function sizeOf(own: readonly Own[]): number {
  return own.reduce((product, { size }) => product * size, 1);
}

/** Strides of own axes that lie behind each other, the last one `step` apart. */
function rowMajor(own: readonly Own[], step: number): number[] {
  const strides: number[] = [];
  let stride = step;
  for (const { size } of [...own].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}
