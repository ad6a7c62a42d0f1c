/**
 * Multiplies the tiles of a panel of rows with the packed block of columns, one after the other. It refuses to pack and to finish.
 */

import type { FunctionBody } from "../../wasm/function.js";
import type { Emission } from "../emission.js";
import { type Blocking, balanced } from "./blocking.js";
import { type Left, stepsOf } from "./left.js";
import type { Own } from "./parts.js";
import type { Contraction } from "./recognize.js";
import type { Result } from "./result.js";
import type { Scratch } from "./scratch.js";
import type { Walk } from "./walk.js";

/** Points summed in registers before a tile is added to the sums: what keeps the sums of long rows accurate. */
const longest = 64;

/** Where a panel of rows, a block of columns and the sums are. */
export interface Operands {
  readonly left: Left;
  /** Where sums are added up, unless in scratch memory. */
  readonly result: Result | undefined;
  readonly scratch: Scratch;
}

/** The packed block of columns. */
export interface Block {
  readonly width: number;
  /** Whether it lies in panels as wide as a tile, one behind the other. */
  readonly inPanels: boolean;
}

/** A contraction that is being emitted. */
export interface Job {
  readonly emission: Emission;
  readonly body: FunctionBody;
  readonly contraction: Contraction;
  readonly blocking: Blocking;
  readonly walk: Walk;
}

export class Tiles {
  readonly #job: Job;
  readonly #operands: Operands;

  constructor(job: Job, operands: Operands) {
    this.#job = job;
    this.#operands = operands;
  }

  /** All tiles of a panel of rows. */
  multiply(block: Block): void {
    const body = this.#job.body;
    const { width } = block;
    const { tile, wide } = this.#job.emission.features;
    const full = Math.floor(width / tile.columns);
    const step = wide ? 8 : 4;
    const rest = Math.ceil((width % tile.columns) / step) * step;
    const across = body.local("i32");
    body.i32(0);
    body.set(across);
    if (full > 0) {
      body.loop(() => {
        this.#tile(block, tile.columns, across);
        body.get(across);
        body.i32(4 * tile.columns);
        body.op("i32.add");
        body.tee(across);
        body.i32(4 * tile.columns * full);
        body.op("i32.lt_u");
      });
    }
    if (rest > 0) this.#tile(block, rest, across);
    body.release(across);
  }

  /** The whole sum of a tile; `across` holds how many bytes its first column is from that of the block. */
  #tile({ inPanels }: Block, columns: number, across: number): void {
    const body = this.#job.body;
    const { stride, shift, rowCut } = this.#job.blocking;
    const { tile } = this.#job.emission.features;
    const { left, result, scratch } = this.#operands;
    const points = sizeOf(this.#job.walk.reduced());
    const rows = sizeOf(this.#job.walk.panel());
    const right = inPanels ? tile.columns : stride;
    const addressing = {
      ...stepsOf(left, rows, rowCut.axis),
      right: shift === undefined ? right : ("listed" as const),
    };
    const { round } = addressing;
    let point = 0;
    for (const { count, factor } of balanced(points / round, longest / round)) {
      for (let time = 0; time < count; time++) {
        this.#pushLeft(rows, point);
        this.#pushScratch(scratch.right + (shift === undefined ? 4 * right * point : 0));
        body.get(across);
        if (inPanels) {
          body.i32(points);
          body.op("i32.mul");
        }
        body.op("i32.add");
        this.#pushSums();
        body.get(across);
        body.op("i32.add");
        body.i32(factor);
        body.i32(4 * (result === undefined ? stride : (result.offset.strides[rowCut.axis] ?? 0)));
        this.#pushContinues(point);
        if (shift === undefined) body.i32(0);
        else this.#pushScratch(scratch.offsets + 4 * point);
        body.call(this.#job.emission.microKernel({ ...tile, rows, columns }, addressing));
        point += factor * round;
      }
    }
  }

  /** The address of a panel of rows at a point of the sum. */
  #pushLeft(rows: number, point: number): void {
    const { left, scratch } = this.#operands;
    if (left.kind !== "direct") {
      this.#pushScratch(scratch.left + 4 * rows * point);
      return;
    }
    const { shared } = this.#job.contraction;
    const { buffer, offset } = left;
    const at = { ...offset, offset: offset.offset + point };
    this.#job.walk.pushElement(buffer, at, [...shared, ...this.#job.walk.rows, ...this.#job.walk.pieces]);
  }

  /** The address of the first sum of the panel. */
  #pushSums(): void {
    const { result, scratch } = this.#operands;
    const walk = this.#job.walk;
    if (result !== undefined) {
      walk.pushElement(result.buffer, result.offset, [...walk.blocks, ...walk.rows]);
      return;
    }
    this.#pushScratch(scratch.sums);
    if (walk.pieces.length === 0) return;
    walk.pushRow(4 * this.#job.blocking.stride);
    this.#job.body.op("i32.add");
  }

  /** Whether the tile adds to sums that are there already. */
  #pushContinues(point: number): void {
    const [piece] = this.#job.walk.pieces;
    if (point > 0 || piece === undefined) {
      this.#job.body.i32(point > 0 ? 1 : 0);
      return;
    }
    this.#job.walk.push(piece);
    this.#job.body.i32(0);
    this.#job.body.op("i32.ne");
  }

  #pushScratch(offset: number): void {
    this.#job.body.get(this.#job.emission.scratchOf(this.#job.contraction.kernel));
    this.#job.body.i32(offset);
    this.#job.body.op("i32.add");
  }
}

function sizeOf(own: readonly Own[]): number {
  return own.reduce((product, { size }) => product * size, 1);
}
