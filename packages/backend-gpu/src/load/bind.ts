/**
 * How the operands of a dispatch are bound. A buffer that the dispatch writes into may be bound at several ranges only if all
 * are `read_write` and none overlap; one range is one binding, whatever operands it is. Where a stage has fewer bindings than a
 * kernel has operands, neighbors in a chunk are bound together, as words.
 */

import { dtypes, MemoryError } from "@adjoint/core";
import type { Dispatch } from "../dispatch/dispatch.js";
import type { Binding, View } from "../shader/memory.js";
import { storedType } from "../wgsl/types.js";
import type { Range } from "./layout.js";

export interface Bound {
  readonly views: readonly View[];
  readonly bindings: readonly Binding[];
  /** What each binding binds. */
  readonly ranges: readonly Range[];
}

export interface BindLimits {
  readonly bindings: number;
  /** Bytes of a binding. */
  readonly bytes: number;
}

type Bindable = Pick<Dispatch, "kernel" | "quads">;

/** A range of a chunk that is one binding, and the operands that lie there. */
interface Window extends Range {
  readonly members: readonly number[];
  /** Whether all its operands start where it does. */
  readonly isOne: boolean;
}

/** `what` names the dispatch. @throws MemoryError where its operands do not fit into the bindings there are. */
export function bind(
  dispatch: Bindable,
  operands: readonly Range[],
  limits: BindLimits,
  what: string,
): Bound {
  const { buffers } = dispatch.kernel;
  const written = new Set<number>();
  for (const [buffer, { access }] of buffers.entries())
    if (access !== "read") written.add(operands[buffer]?.chunk ?? -1);
  const windows = windowsOf(dispatch, operands, limits, what);
  const views = operands.map(({ offset }, operand): View => {
    const binding = windows.findIndex(({ members }) => members.includes(operand));
    return { binding, base: (offset - (windows[binding]?.offset ?? 0)) / 4 };
  });
  const bindings = windows.map((window) =>
    bindingOf(dispatch, window, written.has(window.chunk) ? "read_write" : "read"),
  );
  // A range for nothing still has to be one.
  const ranges = windows.map(({ chunk, offset, bytes }): Range => {
    return { chunk, offset, bytes: Math.max(16, Math.ceil(bytes / 16) * 16) };
  });
  return { views, bindings, ranges };
}

function bindingOf({ kernel, quads }: Bindable, window: Window, access: Binding["access"]): Binding {
  const members = window.members.flatMap((index) => {
    const buffer = kernel.buffers[index];
    return buffer === undefined ? [] : [{ ...buffer, isQuads: quads.has(index) }];
  });
  const type = storedType(members[0]?.dtype ?? "float32");
  const isUniform = window.isOne && members.every(({ dtype }) => storedType(dtype) === type);
  const width = type === "f16" ? 2 : 4;
  const inQuads = isUniform && members.every(({ isQuads }) => isQuads) && window.bytes % (4 * width) === 0;
  const layout = !isUniform ? "words" : inQuads ? "quads" : "elements";
  const unit = layout === "words" ? 4 : layout === "quads" ? 4 * width : width;
  return { layout, access, type, size: Math.ceil(window.bytes / unit) };
}

/** A window per range, in order of operands; where these are too many, the nearest neighbors become one. */
function windowsOf(
  dispatch: Bindable,
  operands: readonly Range[],
  limits: BindLimits,
  what: string,
): readonly Window[] {
  const windows: Window[] = [];
  for (const [operand, { chunk, offset }] of operands.entries()) {
    const { size = 0, dtype = "float32" } = dispatch.kernel.buffers[operand] ?? {};
    const own: Window = { chunk, offset, bytes: size * dtypes[dtype].bytes, members: [operand], isOne: true };
    const same = windows.findIndex((other) => other.chunk === chunk && other.offset === offset);
    const known = windows[same];
    if (known === undefined) windows.push(own);
    else windows[same] = { ...joined(known, own), isOne: true };
  }
  if (windows.length <= limits.bindings) return windows;
  windows.sort((a, b) => a.chunk - b.chunk || a.offset - b.offset);
  while (windows.length > limits.bindings) {
    const least = nearest(windows, dispatch);
    const [first, second] = [windows[least], windows[least + 1]];
    const both = first === undefined || second === undefined ? undefined : joined(first, second);
    if (both === undefined || both.bytes > limits.bytes) {
      throw new MemoryError(
        `${what} has ${operands.length} operands; this device binds ${limits.bindings} at a time, of at most ` +
          `${limits.bytes} bytes each, and they lie too far apart: use smaller batches.`,
        both?.bytes ?? 0,
      );
    }
    windows.splice(least, 2, both);
  }
  return windows;
}

/** The position of the pair of neighbors that takes least together; -1 without one. */
function nearest(windows: readonly Window[], { kernel }: Bindable): number {
  // Two threads would store halves of one word.
  const isApart = ({ members }: Window): boolean =>
    members.some((index) => {
      const buffer = kernel.buffers[index];
      return buffer?.dtype === "float16" && buffer.access !== "read";
    });
  let [least, best] = [-1, Number.POSITIVE_INFINITY];
  for (const [position, first] of windows.entries()) {
    const second = windows[position + 1];
    if (second?.chunk !== first.chunk || isApart(first) || isApart(second)) continue;
    const { bytes } = joined(first, second);
    if (bytes < best) [least, best] = [position, bytes];
  }
  return least;
}

/** `first` starts no later. */
function joined(first: Window, second: Window): Window {
  const end = Math.max(first.offset + first.bytes, second.offset + second.bytes);
  const { chunk, offset } = first;
  return { chunk, offset, bytes: end - offset, members: [...first.members, ...second.members], isOne: false };
}
