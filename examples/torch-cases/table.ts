// The one table from PyTorch's operator names to Adjoint ops, put together from the families.

import { activations } from "./families/activation.js";
import { convolutions } from "./families/convolution.js";
import { elementwise } from "./families/elementwise.js";
import { indexing } from "./families/indexing.js";
import { linearAlgebra } from "./families/linalg.js";
import { products } from "./families/linear.js";
import { losses } from "./families/loss.js";
import { movement } from "./families/movement.js";
import { norms } from "./families/norm.js";
import { normalizations } from "./families/normalization.js";
import { parts } from "./families/parts.js";
import { pools } from "./families/pooling.js";
import { reductions } from "./families/reduction.js";
import { scatters } from "./families/scatter.js";
import type { Mappings } from "./mapping.js";

export const mappings: Mappings = {
  ...activations,
  ...convolutions,
  ...elementwise,
  ...indexing,
  ...linearAlgebra,
  ...losses,
  ...movement,
  ...normalizations,
  ...norms,
  ...parts,
  ...pools,
  ...products,
  ...reductions,
  ...scatters,
};
