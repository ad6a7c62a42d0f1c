/** What one step of a plan becomes: dispatches in order. */

import { expandKernel, isOperation, type Kernel, rootsOf, scalarsOf } from "@adjoint/core/kernel";
import { chooseTile } from "../contraction/choose.js";
import type { Tiling } from "../contraction/emit.js";
import { quadBuffers } from "../contraction/quads.js";
import { contractionOf } from "../contraction/recognize.js";
import { partRecurrence } from "../kernel/carry.js";
import { isSeparable, type Piece, partStage, promote, prune, separate } from "../kernel/part.js";
import { widenHalves } from "../kernel/rewrite.js";
import { partScan } from "../kernel/scan.js";
import type { NestShape } from "../shader/shape.js";
import { chooseShape, partsFor, pointsOf, widen, workOf } from "./choose.js";
import { freeAxes } from "./free.js";

export type Strategy =
  | { readonly kind: "nest"; readonly shape: NestShape }
  | { readonly kind: "tiles"; readonly tiling: Tiling };

export interface Dispatch extends Piece {
  readonly strategy: Strategy;
  /** Buffers of the kernel that the strategy reads and writes four elements at a time. */
  readonly quads: ReadonlySet<number>;
}

/** Points of a kernel below which its stages run one after the other as kernels of their own, if they can. */
const few = 4096;

/** The dispatches of a kernel; none where there is nothing to do. */
export function dispatchesOf(kernel: Kernel): Dispatch[] {
  if (kernel.axes.some(({ extent }) => extent === 0) || kernel.stages.length === 0) return [];
  const ready = expandKernel(widenHalves(kernel));
  const piece = prune({ kernel: ready, operands: kernel.buffers.map((_, index) => index) });
  const apart = isSeparable(ready) && pointsOf(ready) < few && workOf(ready) > 64;
  return (apart ? separate(piece) : [piece]).flatMap(dispatchPiece);
}

function dispatchPiece(piece: Piece): Dispatch[] {
  return tilePiece(piece) ?? nestPiece(piece);
}

/** Tiles, where the piece is a contraction that is large enough for them. */
function tilePiece(piece: Piece): Dispatch[] | undefined {
  const contraction = contractionOf(piece.kernel);
  const choice = contraction === undefined ? undefined : chooseTile(contraction);
  if (contraction === undefined || choice === undefined) return undefined;
  const { tile, parts } = choice;
  if (parts === 1) return [tiles(piece, { contraction, tile })];
  const parted = partStage(piece, 0, parts);
  if (parted === undefined) return undefined;
  const { partial, rest, axis } = parted;
  const opened = contractionOf(partial.kernel, axis);
  if (opened === undefined) return undefined;
  const first = tiles(partial, { contraction: opened, tile, part: { axis, parts } });
  return [first, ...nestPiece(rest)];
}

function tiles(piece: Piece, tiling: Tiling): Dispatch {
  const quads = quadBuffers(piece.kernel, tiling.contraction);
  return { ...piece, strategy: { kind: "tiles", tiling }, quads };
}

function nestPiece(piece: Piece): Dispatch[] {
  const recurrence = partRecurrence(piece);
  if (recurrence !== undefined)
    return recurrence.map(({ kernel, operands }) => nest({ kernel, operands }, chooseShape(kernel)));
  const spread = spreadPiece(piece);
  if (spread.kernel.axes.some(({ extent }) => extent === 0)) return [];
  const parts = partsFor(spread.kernel);
  if (parts === undefined) return [nest(spread, chooseShape(spread.kernel))];
  if (parts.kind === "owned") {
    const { kernel, axis } = parts;
    const opened = { kernel, operands: spread.operands };
    return [nest(opened, { ...chooseShape(kernel, axis), part: { stage: 0, axis, parts: parts.count } })];
  }
  if (parts.kind === "scan") return scanPiece(spread, parts.count);
  const parted = partStage(spread, parts.stage, parts.count);
  if (parted === undefined) return [nest(spread, chooseShape(spread.kernel))];
  const { partial, rest, axis } = parted;
  const shape = {
    ...chooseShape(partial.kernel, axis),
    part: { stage: parts.stage, axis, parts: parts.count },
  };
  return [nest(partial, shape), ...nestPiece(rest)];
}

function scanPiece(piece: Piece, parts: number): Dispatch[] {
  const parted = partScan(piece, parts);
  if (parted === undefined) return [nest(piece, chooseShape(piece.kernel))];
  const { partial, carry, rest, axis } = parted;
  const of = (part: Piece): Dispatch =>
    nest(part, { ...chooseShape(part.kernel, axis), part: { stage: 0, axis, parts } });
  return [of(partial), ...nestPiece(carry), of(rest)];
}

/** A single stage whose points are independent, with as many of its axes among those of the kernel as possible. */
function spreadPiece({ kernel, operands }: Piece): Piece {
  const [stage, ...others] = kernel.stages;
  const readsOwn = (): boolean =>
    stage !== undefined &&
    scalarsOf(rootsOf(stage)).some((scalar) => !isOperation(scalar) && scalar.kind === "accumulator");
  if (stage === undefined || others.length > 0 || stage.accumulators.length > 0 || readsOwn())
    return { kernel, operands };
  if (kernel.axes.some(({ order, extent }) => order === "sequential" && extent > 1))
    return { kernel, operands };
  return { kernel: promote(kernel, freeAxes(kernel, stage)), operands };
}

function nest(piece: Piece, narrow: NestShape): Dispatch {
  const { shape, quads } = widen(piece.kernel, narrow);
  return { ...piece, strategy: { kind: "nest", shape }, quads };
}
