/**
 * A contraction along which vectors lie: for each piece of the sum, copy the right operand with its border; for each panel of rows, copy
 * that, and multiply it with every column, whose address is a shift of the copy; after the last piece add up lanes and finish.
 * It refuses to know operands: copying and finishing are kernels of their own.
 */

import { constant } from "@adjoint/core/kernel";
import type { FunctionBody } from "../../wasm/function.js";
import type { Emission } from "../emission.js";
import { balanced } from "./blocking.js";
import { Calls } from "./calls.js";
import { type Along, type Correlation, spanOf, unitOf } from "./correlation.js";
import { finishingLanes, type Own, packing, rowMajor } from "./parts.js";
import type { Contraction } from "./recognize.js";
import { Walk } from "./walk.js";

const lineBytes = 64;
const zero = constant(0, "float32");

/** Emits the function body. Returns whether threads divide it, and the bytes of scratch memory of a thread. */
export function emitCorrelation(
  emission: Emission,
  body: FunctionBody,
  contraction: Contraction,
  correlation: Correlation,
  divided: boolean,
): { readonly divided: boolean; readonly scratch: number } {
  const walk = new Walk(emission, body, contraction, correlation.loops, divided);
  const correlator = new Correlator(emission, body, contraction, correlation, walk);
  correlator.emit();
  return { divided: walk.divides, scratch: correlator.scratch };
}

class Correlator {
  readonly scratch: number;
  readonly #emission: Emission;
  readonly #body: FunctionBody;
  readonly #contraction: Contraction;
  readonly #correlation: Correlation;
  readonly #walk: Walk;
  readonly #calls: Calls;
  /** Taps along both axes, the outer one first, and elements from one row of sums to the next. */
  readonly #taps: readonly [y: number, x: number];
  readonly #across: number;
  /** Where in scratch memory the copy and the sums begin; panels do at 0. */
  readonly #right: number;
  readonly #sums: number;

  constructor(
    emission: Emission,
    body: FunctionBody,
    contraction: Contraction,
    correlation: Correlation,
    walk: Walk,
  ) {
    this.#emission = emission;
    this.#body = body;
    this.#contraction = contraction;
    this.#correlation = correlation;
    this.#walk = walk;
    this.#calls = new Calls(emission, body, contraction, walk);
    const { x, y, loops, lanes, still, points } = correlation;
    this.#taps = [y?.taps ?? 1, x.taps];
    const [cut, ...inner] = still;
    const copies = (loops.columnCut?.parts[0]?.factor ?? 1) * this.#extent(inner);
    this.#across = (cut === undefined ? 1 : copies) * this.#taps[0] * this.#taps[1] * lanes;
    const align = (elements: number): number => Math.ceil((4 * elements) / lineBytes) * lineBytes;
    const panel = (loops.rowCut.parts[0]?.factor ?? 1) * points.y * this.#padded(points.x);
    this.#right = align(panel);
    // Vectors reach beyond the last point.
    this.#sums = this.#right + align(copies * this.#height(points.y) * this.#pitch(points.x) + lanes);
    this.scratch = this.#sums + align(this.#extent(contraction.rows) * this.#across);
  }

  emit(): void {
    const walk = this.#walk;
    walk.over(walk.blocks, () => {
      walk.over(walk.pieces, () => {
        this.#copyRight();
        walk.over(walk.rows, () => {
          this.#copyPanel();
          this.#multiply();
        });
      });
      walk.over(walk.rows, () => this.#finish());
    });
  }

  /** scratch[still columns][positions along y][positions along x, those a multiple of the step apart behind each other] ← right operand */
  #copyRight(): void {
    const { right, x, y } = this.#correlation;
    const [down, across] = this.#points();
    const spread = Math.ceil(spanOf(x, across) / x.step);
    const positions = [
      ...(x.step > 1 ? [{ axis: unitOf(x), size: x.step }] : []),
      { axis: unitOf(x), size: spread, step: x.step },
    ];
    const rows = y === undefined ? [] : [{ axis: unitOf(y), size: this.#height(down) }];
    const still = this.#still();
    const own: Own[] = [...still, ...rows, ...positions];
    const pitch = this.#pitch(across);
    const strides = [
      ...rowMajor(still, this.#height(down) * pitch),
      ...(y === undefined ? [] : [pitch]),
      ...(x.step > 1 ? [spread] : []),
      1,
    ];
    const shape = this.#calls.shape([...this.#walk.blocks, ...this.#walk.pieces], own);
    this.#calls.call(packing(this.#contraction.kernel, right, shape, strides), this.#right, shape);
  }

  /** scratch[rows][points along y][points along x, then zeros up to a whole vector] ← left operand */
  #copyPanel(): void {
    const { x, y } = this.#correlation;
    const { kernel, left, shared } = this.#contraction;
    const [down, across] = this.#points();
    const own: Own[] = [
      ...this.#walk.panel(),
      ...(y === undefined ? [] : [{ axis: y.point, size: down }]),
      { axis: x.point, size: across },
    ];
    const padded = this.#padded(across);
    const strides = [down * padded, ...(y === undefined ? [] : [padded]), 1];
    const shape = this.#calls.shape([...shared, ...this.#walk.rows, ...this.#walk.pieces], own);
    this.#calls.call(packing(kernel, left, shape, strides), 0, shape);
    if (padded === across) return;
    const rest = { given: [], own: [...own.slice(0, -1), { axis: x.point, size: padded - across }] };
    this.#calls.call(packing(kernel, zero, rest, strides), 4 * across, rest);
  }

  /** The panel with all columns: for each copy, or two where taps are odd in number, as many taps at a time as a tile takes. */
  #multiply(): void {
    const body = this.#body;
    const { tile } = this.#emission.features;
    const { lanes } = this.#correlation;
    const [down, across] = this.#points();
    const copies = this.#still().reduce((product, { size }) => product * size, 1);
    const copy = this.#height(down) * this.#pitch(across);
    const taps = this.#offsets(across);
    const together = taps.length % 2 === 1 && copies % 2 === 0 ? 2 : 1;
    const offsets = Array.from({ length: together }, (_, at) => taps.map((tap) => at * copy + tap)).flat();
    const [from, to, left] = [body.local("i32"), body.local("i32"), body.local("i32")];
    this.#calls.pushScratch(this.#right);
    body.set(from);
    this.#calls.pushScratch(this.#sums);
    this.#walk.pushRow(4 * this.#across);
    body.op("i32.add");
    body.set(to);
    body.i32(copies / together);
    body.set(left);
    body.loop(() => {
      for (const { base, count, factor } of balanced(offsets.length, tile.columns / lanes)) {
        for (let time = 0; time < count; time++) {
          const column = base + time * factor;
          this.#tile(from, offsets.slice(column, column + factor), () => {
            body.get(to);
            body.i32(4 * column * lanes);
            body.op("i32.add");
          });
        }
      }
      body.increase(from, 4 * copy * together);
      body.increase(to, 4 * offsets.length * lanes);
      body.increase(left, -1);
      body.get(left);
    });
    for (const local of [from, to, left]) body.release(local);
  }

  #tile(from: number, offsets: readonly number[], pushSums: () => void): void {
    const body = this.#body;
    const { y, lanes } = this.#correlation;
    const [down, across] = this.#points();
    const [rows] = this.#walk.panel();
    const padded = this.#padded(across);
    this.#calls.pushScratch(0);
    for (const offset of offsets) {
      body.get(from);
      body.i32(4 * offset);
      body.op("i32.add");
    }
    pushSums();
    body.i32(down);
    body.i32(0);
    for (const piece of this.#walk.pieces) {
      this.#walk.push(piece);
      body.op("i32.or");
    }
    const dot = {
      rows: rows?.size ?? 1,
      columns: offsets.length,
      points: across,
      lanes,
      fused: this.#emission.features.tile.fused,
      row: down * padded,
      left: padded,
      right: (y?.step ?? 1) * this.#pitch(across),
      across: this.#across,
    };
    body.call(this.#emission.dot(dot));
  }

  #finish(): void {
    const { lanes, x, y } = this.#correlation;
    const { kernel } = this.#contraction;
    const still = this.#still();
    const [down, across] = this.#taps;
    const along = [y, x].flatMap((at) => (at?.tap === undefined ? [] : [{ axis: at.tap, size: at.taps }]));
    const own = [...this.#walk.panel(), ...still, ...along];
    const strides = [this.#across, ...rowMajor(still, down * across * lanes), ...rowMajor(along, lanes)];
    const shape = this.#calls.shape([...this.#walk.blocks, ...this.#walk.rows], own);
    const part = finishingLanes(kernel, shape, strides, lanes);
    this.#calls.call(part, this.#sums, shape, () => this.#walk.pushRow(4 * this.#across));
  }

  /** Elements from the first position of a copy to that of each tap. */
  #offsets(across: number): number[] {
    const { x, y } = this.#correlation;
    const spread = this.#pitch(across) / x.step;
    const [down, wide] = this.#taps;
    return [...Array(down).keys()].flatMap((row) =>
      Array.from({ length: wide }, (_, tap) => {
        const position = tap * x.tapStep;
        const along = (position % x.step) * spread + Math.floor(position / x.step);
        return row * (y?.tapStep ?? 0) * this.#pitch(across) + along;
      }),
    );
  }

  /** Columns of which each has a copy, in the current block. */
  #still(): Own[] {
    const { still, loops } = this.#correlation;
    return still.map((axis) => {
      const size = axis === loops.columnCut?.axis ? this.#walk.sizeOf(axis) : this.#walk.extentOf(axis);
      return { axis, size };
    });
  }

  /** Points along both axes in the current piece. */
  #points(): readonly [y: number, x: number] {
    const { x, y } = this.#correlation;
    return [y === undefined ? 1 : this.#walk.sizeOf(y.point), this.#walk.sizeOf(x.point)];
  }

  /** Elements of a row of a panel with so many points, and of a row of a copy. */
  #padded(points: number): number {
    const { lanes } = this.#correlation;
    return Math.ceil(points / lanes) * lanes;
  }

  #pitch(points: number): number {
    const { x } = this.#correlation;
    return x.step * Math.ceil(spanOf(x, points) / x.step);
  }

  /** Rows of a copy for so many points along y. */
  #height(points: number): number {
    return heightOf(this.#correlation.y, points);
  }

  #extent(axes: readonly number[]): number {
    return axes.reduce((product, axis) => product * this.#walk.extentOf(axis), 1);
  }
}

function heightOf(y: Along | undefined, points: number): number {
  return y === undefined ? 1 : spanOf(y, points);
}
