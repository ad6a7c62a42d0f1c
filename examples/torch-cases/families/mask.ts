// Masks whose elements decide what the graph is, because as many elements come out as hold.

import { broadcastShapes, constant, extentOf, type Node, type Shape, sizeOf } from "@adjoint/core";
import type { Tensor } from "../format.js";
import { UnsupportedError } from "../unsupported.js";

/** The flattened positions, among those of a shape that the mask broadcasts to, where it holds: int32 [count]. */
export function placesOf({ shape: from, elements }: Tensor, shape: Shape): Node {
  const common = broadcastShapes([from, shape]);
  if (common?.length !== shape.length) throw new UnsupportedError("a mask that does not broadcast");
  const all = Array.from({ length: sizeOf(shape) }, (_, position) => position);
  const places = all.filter((position) => elements[positionIn(from, shape, position)] === 1);
  return constant(places, { dtype: "int32", shape: [places.length] });
}

/** Where the element of a broadcast shape at a position comes from. */
function positionIn(from: Shape, shape: Shape, position: number): number {
  let [rest, stride, result] = [position, 1, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = extentOf(shape, axis);
    const own = from[axis - shape.length + from.length] ?? 1;
    result += own === 1 ? 0 : (rest % extent) * stride;
    stride *= own;
    rest = Math.floor(rest / extent);
  }
  return result;
}
