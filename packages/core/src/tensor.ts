/** The static type of a tensor. */

import type { DType } from "./dtype.js";
import { formatShape, type Shape } from "./shape.js";

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype}${formatShape(shape)}`;
}
