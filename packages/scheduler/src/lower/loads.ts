/** The buffers a kernel reads and its loads, equal ones shared, while it is built. */

import { extentOf, type Node, stridesOf } from "@adjoint/core";
import { type Indirect, type Load, zero } from "@adjoint/core/kernel";
import { baseOf } from "./base.js";
import { affineKey, boundKey, type Point } from "./point.js";
import { isAffine, linearize, neededBounds } from "./positions.js";

export class LoadTable {
  /** The stored node in each buffer. */
  readonly reads: Node[] = [];
  readonly #known = new Map<string, Load>();

  /** The element of a stored node (or a reshape of one) at a point, `fill` where a bound or a computed index fails. */
  load(node: Node, { positions, bounds, scope }: Point, fill: number): Load {
    const base = baseOf(node);
    const strides = stridesOf(node.shape);
    const indirect = positions.flatMap((position, axis): Indirect[] =>
      isAffine(position)
        ? []
        : [{ index: position, stride: strides[axis] ?? 0, extent: extentOf(node.shape, axis) }],
    );
    const load: Load = {
      kind: "load",
      dtype: base.dtype,
      buffer: this.#bufferOf(base),
      offset: linearize(
        positions.map((position) => (isAffine(position) ? position : zero)),
        node.shape,
      ),
      indirect,
      bounds: neededBounds(bounds, scope.extents),
      fill,
    };
    if (indirect.length > 0) return load;
    const key = JSON.stringify([load.buffer, affineKey(load.offset), load.bounds.map(boundKey), `${fill}`]);
    const known = this.#known.get(key) ?? load;
    this.#known.set(key, known);
    return known;
  }

  #bufferOf(base: Node): number {
    const known = this.reads.indexOf(base);
    return known >= 0 ? known : this.reads.push(base) - 1;
  }
}
