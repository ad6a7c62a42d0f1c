// What is left out as a whole, by name, with the reason: operators outside a training runtime, and variants whose
// reference values are not to be judged.

import type { TorchCase } from "./format.js";

const decomposition =
  "singular values, eigenvalues or orthogonal factors: no such decomposition is part of the runtime";
const complexNumbers = "complex numbers are no dtype";
const bessel = "a special function of physics, not of training";
const drawn = "its result depends on PyTorch's own generator";

/** Operators by PyTorch's name. */
export const operatorsOutOfScope: Readonly<Record<string, string>> = {
  "nn.functional.hardsigmoid": "PyTorch's adjoint multiplies by 1/6 rounded to float32, 3e-8 off",
  angle: complexNumbers,
  "fft.hfft": complexNumbers,
  "fft.hfft2": complexNumbers,
  "fft.hfftn": complexNumbers,
  "fft.irfft": complexNumbers,
  "fft.irfft2": complexNumbers,
  "fft.irfftn": complexNumbers,
  stft: complexNumbers,
  istft: complexNumbers,
  i0: bessel,
  "special.i0e": bessel,
  "special.i1": bessel,
  "special.i1e": bessel,
  "special.erfcx": bessel,
  igamma: bessel,
  igammac: bessel,
  bernoulli: drawn,
  normal: drawn,
  uniform: drawn,
  multinomial: drawn,
  "nn.functional.fractional_max_pool2d": drawn,
  "nn.functional.fractional_max_pool3d": drawn,
  eig: decomposition,
  "linalg.cond": decomposition,
  "linalg.eig": decomposition,
  "linalg.eigh": decomposition,
  "linalg.eigvals": decomposition,
  "linalg.eigvalsh": decomposition,
  "linalg.householder_product": decomposition,
  "linalg.lstsq": decomposition,
  "linalg.qr": decomposition,
  "linalg.svd": decomposition,
  "linalg.svdvals": decomposition,
  matrix_exp: "the exponential of a matrix is no part of the runtime",
  "linalg.matrix_exp": "the exponential of a matrix is no part of the runtime",
  ormqr: decomposition,
  pca_lowrank: decomposition,
  qr: decomposition,
  svd: decomposition,
  svd_lowrank: decomposition,
  symeig: decomposition,
  "sparse.mm": "sparse tensors",
  to_sparse: "sparse tensors",
};

/** Variants of operators, which the reference's own description excludes. */
const variantsOutOfScope: Readonly<Record<string, string>> = {
  hermitian: "not to be judged: the derivative is taken along Hermitian matrices only",
  subgradients_at_zero: "not to be judged: another subgradient where there is no gradient",
  trunc_rounding: "not to be judged",
};

/** Whether PyTorch's own rule gave 0 · ∞ or the like. */
function hasNoNumber({ grads, second }: TorchCase): boolean {
  const derivatives = [...grads, ...(second?.hvp ?? []), ...(second?.jvp ?? [])];
  return derivatives.some((tensor) => tensor?.elements.some(Number.isNaN) === true);
}

/** Why a case is out of scope; undefined when it is in scope. */
export function outOfScope(torch: TorchCase): string | undefined {
  const known = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  const listed = known(operatorsOutOfScope, torch.op) ?? known(variantsOutOfScope, torch.variant);
  return listed ?? (hasNoNumber(torch) ? "PyTorch's own derivative is not a number" : undefined);
}

/**
 * Operators made of |x|, whose second derivative is 0. PyTorch gives a zero tensor without memory there, and the reference
 * wrote whatever bytes it pointed to: where Adjoint finds no dependence either, 0 is what must come out.
 */
export const zeroSecond: ReadonlySet<string> = new Set([
  "abs",
  "dist",
  "linalg.matrix_norm",
  "linalg.norm",
  "linalg.vector_norm",
  "nn.functional.l1_loss",
  "nn.functional.pairwise_distance",
  "nn.functional.smooth_l1_loss",
  "norm",
]);
