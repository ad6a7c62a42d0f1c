/**
 * A blocked contraction: for each block of columns, pack it; for each panel of rows, pack that, multiply tile by tile,
 * finish the sums. Where the sum is done in pieces, all rows are finished after the last piece.
 * It refuses to know operands: packing and finishing are kernels of their own.
 */

import type { FunctionBody } from "../../wasm/function.js";
import type { Emission } from "../emission.js";
import type { Blocking } from "./blocking.js";
import { Calls } from "./calls.js";
import { chooseLeft, group } from "./left.js";
import { findLying, type Lying } from "./lying.js";
import { emitOffsets } from "./offsets.js";
import { finishing, type Own, packing, rowMajor } from "./parts.js";
import type { Contraction } from "./recognize.js";
import { findResult } from "./result.js";
import { scratchOf } from "./scratch.js";
import type { Shift } from "./shift.js";
import { type Job, type Operands, Tiles } from "./tiles.js";
import { Walk } from "./walk.js";

/** Emits the function body; parameters are those of every kernel (see `Emission`). Returns whether threads divide it. */
export function emitContraction(
  emission: Emission,
  body: FunctionBody,
  contraction: Contraction,
  blocking: Blocking,
  divided: boolean,
): boolean {
  const walk = new Walk(emission, body, contraction, blocking, divided);
  new Driver({ emission, body, contraction, blocking, walk }).emit();
  return walk.divides;
}

/** Points of a column that are turned at a time: a cache line of them where they divide. */
const rounds = [16, 4] as const;

class Driver {
  readonly #emission: Emission;
  readonly #body: FunctionBody;
  readonly #contraction: Contraction;
  readonly #blocking: Blocking;
  readonly #walk: Walk;
  readonly #operands: Operands;
  readonly #tiles: Tiles;
  readonly #calls: Calls;

  constructor(job: Job) {
    const { emission, body, contraction, blocking, walk } = job;
    this.#emission = emission;
    this.#body = body;
    this.#contraction = contraction;
    this.#blocking = blocking;
    this.#walk = walk;
    this.#operands = {
      left: chooseLeft(contraction, blocking, emission.features.tile),
      result: findResult(contraction, blocking, emission.features),
      scratch: scratchOf(contraction, blocking),
    };
    this.#tiles = new Tiles(job, this.#operands);
    this.#calls = new Calls(emission, body, contraction, walk);
  }

  emit(): void {
    const walk = this.#walk;
    const inPieces = walk.pieces.length > 0;
    const { shift } = this.#blocking;
    const { left, result, scratch } = this.#operands;
    if (shift !== undefined)
      emitOffsets(this.#body, this.#contraction.reduced, shift, () =>
        this.#calls.pushScratch(scratch.offsets),
      );
    walk.over(walk.blocks, () => {
      walk.over(walk.pieces, () => {
        const inPanels = shift === undefined && this.#inPanels();
        if (shift !== undefined) this.#copy(shift);
        else if (inPanels) this.#fillPanels();
        else this.#pack("right", [...walk.blocks, ...walk.pieces], walk.columns(), this.#blocking.stride);
        walk.over(walk.rows, () => {
          if (left.kind === "grouped") this.#copyGroups(left);
          else if (left.kind === "gathered") this.#packLeft();
          this.#tiles.multiply({ width: shift?.width ?? sizeOf(walk.columns()), inPanels });
          if (!inPieces && result === undefined) this.#finish();
        });
      });
      if (inPieces && result === undefined) walk.over(walk.rows, () => this.#finish());
    });
  }

  /** scratch[points of the sum, step apart][across] ← operand */
  #pack(side: "left" | "right", given: readonly number[], across: readonly Own[], step: number): void {
    const reduced = this.#walk.reduced();
    const shape = this.#calls.shape(given, [...reduced, ...across]);
    const strides = [...rowMajor(reduced, step), ...rowMajor(across, 1)];
    const { kernel } = this.#contraction;
    this.#calls.call(
      packing(kernel, this.#contraction[side], shape, strides),
      this.#operands.scratch[side],
      shape,
    );
  }

  /** Whether the block of columns consists of whole panels, as wide as a tile, that can lie one behind the other. */
  #inPanels(): boolean {
    const [columns, ...others] = this.#walk.columns();
    const { right } = this.#contraction;
    const plain = right.kind === "load" && right.bounds.length + right.indirect.length === 0;
    const { tile } = this.#emission.features;
    return plain && others.length === 0 && columns !== undefined && columns.size % tile.columns === 0;
  }

  /** scratch[points][rows] ← left operand */
  #packLeft(): void {
    const panel = this.#walk.panel();
    this.#pack(
      "left",
      [...this.#contraction.shared, ...this.#walk.rows, ...this.#walk.pieces],
      panel,
      sizeOf(panel),
    );
  }

  /** scratch[groups of points][rows][points of a group] ← left operand */
  #copyGroups({ buffer, offset }: Lying): void {
    const walk = this.#walk;
    const body = this.#body;
    const stride = offset.strides[this.#blocking.rowCut.axis] ?? 0;
    walk.pushElement(buffer, offset, [...this.#contraction.shared, ...walk.rows, ...walk.pieces]);
    this.#calls.pushScratch(this.#operands.scratch.left);
    body.i32(sizeOf(walk.reduced()) / group);
    body.call(this.#emission.groupCopy(sizeOf(walk.panel()), stride));
  }

  #fillPanels(): void {
    const { right } = this.#contraction;
    const lying = findLying(this.#contraction, right);
    const points = sizeOf(this.#walk.reduced());
    const round = rounds.find((size) => points % size === 0);
    if (lying === undefined || round === undefined) this.#packPanels();
    else this.#transpose(lying, points, round);
  }

  /** As below, where the points of each column lie next to each other. */
  #transpose({ buffer, offset }: Lying, points: number, round: number): void {
    const walk = this.#walk;
    const body = this.#body;
    const { columns: width } = this.#emission.features.tile;
    const [columns] = walk.columns();
    const stride = offset.strides[columns?.axis ?? -1] ?? 0;
    const [from, to, left] = [body.local("i32"), body.local("i32"), body.local("i32")];
    walk.pushElement(buffer, offset, [...walk.blocks, ...walk.pieces]);
    body.set(from);
    this.#calls.pushScratch(this.#operands.scratch.right);
    body.set(to);
    body.i32((columns?.size ?? width) / width);
    body.set(left);
    body.loop(() => {
      body.get(from);
      body.get(to);
      body.i32(points / round);
      body.call(this.#emission.transpose(width, stride, round));
      body.increase(from, 4 * width * stride);
      body.increase(to, 4 * width * points);
      body.increase(left, -1);
      body.get(left);
    });
    for (const local of [from, to, left]) body.release(local);
  }

  /** scratch[panels][points of the sum][columns of a panel] ← right operand: tiles then read it from one end to the other. */
  #packPanels(): void {
    const walk = this.#walk;
    const { kernel, right } = this.#contraction;
    const width = this.#emission.features.tile.columns;
    const panels = walk.columns().map(({ axis, size }) => ({ axis, size: size / width, step: width }));
    const columns = walk.columns().map(({ axis }) => ({ axis, size: width }));
    const reduced = walk.reduced();
    const shape = this.#calls.shape([...walk.blocks, ...walk.pieces], [...panels, ...reduced, ...columns]);
    const strides = [width * sizeOf(reduced), ...rowMajor(reduced, width), 1];
    this.#calls.call(packing(kernel, right, shape, strides), this.#operands.scratch.right, shape);
  }

  /** The right operand with its border. */
  #copy({ columns, still }: Shift): void {
    const { kernel, reduced } = this.#contraction;
    const channels = still.map(({ axis }) => ({ axis: kernel.axes.length + axis, size: reduced[axis] ?? 1 }));
    const own = [...channels, ...columns];
    const strides = [...still, ...columns].map(({ stride }) => stride);
    // Positions in the border are beyond the extent of an axis; those given are not.
    const shape = this.#calls.shape(this.#walk.blocks, own);
    this.#calls.call(
      packing(kernel, this.#contraction.right, shape, strides),
      this.#operands.scratch.right,
      shape,
    );
  }

  #finish(): void {
    const { kernel } = this.#contraction;
    const columns = this.#walk.columns();
    const { shift } = this.#blocking;
    const shape = this.#calls.shape(
      [...this.#walk.blocks, ...this.#walk.rows],
      [...this.#walk.panel(), ...columns],
    );
    const across = shift?.columns.map(({ stride }) => stride) ?? rowMajor(columns, 1);
    const { stride } = this.#blocking;
    const part = finishing(kernel, shape, [stride, ...across]);
    const inPieces = this.#walk.pieces.length > 0;
    this.#calls.call(part, this.#operands.scratch.sums, shape, () => {
      if (inPieces) this.#walk.pushRow(4 * stride);
      else this.#body.i32(0);
    });
  }
}

function sizeOf(own: readonly Own[]): number {
  return own.reduce((product, { size }) => product * size, 1);
}
