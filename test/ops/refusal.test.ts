/** What an op or composition cannot take is refused when it is built, with a typed error that says what was expected. */

import {
  AttributeError,
  averagePool,
  batchNorm,
  batchNormTraining,
  bilinear,
  cholesky,
  conv,
  conv2d,
  convTranspose1d,
  cross,
  DTypeError,
  det,
  dropout,
  einsum,
  foldIn,
  gather,
  gatherElements,
  gatherND,
  gridSample,
  groupNorm,
  gruCell,
  input,
  instanceNorm,
  inverse,
  kthValue,
  linear,
  lu,
  matmul,
  matrixPower,
  maxPool,
  ParseError,
  randomKey,
  randomUniform,
  resize,
  rnn,
  rotaryEmbedding,
  ShapeError,
  scaledDotProductAttention,
  scatter,
  searchSorted,
  solve,
  threefry,
  topK,
  triangularSolve,
} from "@adjoint/core";
import { expect, test } from "vitest";

const f = (...shape: number[]) => input("f", shape);
const g = (...shape: number[]) => input("g", shape);
const i = (...shape: number[]) => input("i", shape, "int32");
const u = (...shape: number[]) => input("u", shape, "uint32");
const plain = { strides: [1], low: [0], high: [0], inputDilation: [1], kernelDilation: [1] };

const refused: Readonly<
  Record<string, readonly [build: () => unknown, error: new (...args: never[]) => Error, says: RegExp]>
> = {
  "matmul: inner extents": [() => matmul(f(2, 3), g(2, 3)), ShapeError, /3 and 2 must be equal/],
  "conv: ranks": [() => conv(f(1, 1, 1, 4), g(1, 1, 3), plain), ShapeError, /as many spatial axes/],
  "conv: channels": [() => conv(f(1, 1, 2, 4), g(1, 1, 3, 2), plain), ShapeError, /groups and channels/],
  "conv: entries": [
    () => conv(f(1, 1, 1, 4), g(1, 1, 1, 2), { ...plain, low: [] }),
    AttributeError,
    /low must have 1 entries/,
  ],
  "conv: stride 0": [
    () => conv(f(1, 1, 1, 4), g(1, 1, 1, 2), { ...plain, strides: [0] }),
    AttributeError,
    /at least 1/,
  ],
  "conv2d: groups": [
    () => conv2d(f(1, 3, 4, 4), g(2, 1, 2, 2), { groups: 2 }),
    ShapeError,
    /divide into 2 groups/,
  ],
  "conv2d: rank": [() => conv2d(f(4, 4), g(2, 1, 2, 2)), ShapeError, /\[batch, channels, …\]/],
  "conv2d: strides": [
    () => conv2d(f(1, 1, 4, 4), g(2, 1, 2, 2), { strides: [1, 1, 1] }),
    AttributeError,
    /strides must have 2/,
  ],
  "convTranspose1d: channels": [
    () => convTranspose1d(f(1, 3, 4), g(2, 1, 2)),
    ShapeError,
    /channels that agree/,
  ],
  "linear: inputs": [() => linear(f(2, 3), g(4, 2)), ShapeError, /3 and 2 must be equal/],
  "bilinear: weight": [() => bilinear(f(2, 3), g(2, 4), input("w", [5, 4, 3])), ShapeError, /do not fit/],
  "einsum: equation": [() => einsum("i?j->i", f(2, 2)), ParseError, /"\?"/],
  "einsum: operands": [() => einsum("ij,jk", f(2, 2)), ShapeError, /takes 2 operands, not 1/],
  "einsum: axes": [() => einsum("ij->i", f(2)), ShapeError, /does not name the axes/],
  "einsum: extents": [() => einsum("ij,jk->ik", f(2, 3), g(2, 3)), ShapeError, /label j .* both/],
  "einsum: result": [() => einsum("ij->ik", f(2, 3)), ParseError, /not k/],
  "maxPool: axes": [() => maxPool(f(3), [2, 2]), AttributeError, /no 2 axes/],
  "averagePool: padding": [
    () => averagePool(f(3, 3), [2, 2], { padding: [1, 1, 1] }),
    AttributeError,
    /padding must have 2/,
  ],
  "resize: nothing left": [() => resize(f(3), { scales: [0.1] }), AttributeError, /no elements/],
  "gather: dtype": [() => gather(f(3), g(2)), DTypeError, /share a dtype|int32/],
  "gather: axis": [() => gather(f(3), i(2), 1), AttributeError, /outside \[-1, 1\)/],
  "gatherElements: rank": [() => gatherElements(f(3, 3), i(3)), ShapeError, /as many axes/],
  "gatherElements: extents": [() => gatherElements(f(3, 3), i(2, 4)), ShapeError, /must not exceed/],
  "gatherND: depth": [() => gatherND(f(3), i(2, 2)), ShapeError, /depth/],
  "scatter: updates": [() => scatter(f(3, 2), i(4), g(3, 2)), ShapeError, /broadcast/],
  "scatter: dtype": [() => scatter(f(3), i(4), i(4)), DTypeError, /share a dtype/],
  "topK: k": [() => topK(f(3), 4), AttributeError, /in \[0, 3\]/],
  "kthValue: k": [() => kthValue(f(3), 0), AttributeError, /in \[1, 3\]/],
  "searchSorted: rows": [() => searchSorted(f(2, 3), g(3, 3)), ShapeError, /leading axes/],
  "cholesky: square": [() => cholesky(f(2, 3)), ShapeError, /square matrices/],
  "cholesky: dtype": [() => cholesky(i(2, 2)), DTypeError, /float/],
  "lu: rank": [() => lu(f(2)), ShapeError, /square matrices/],
  "triangularSolve: rows": [() => triangularSolve(f(2, 2), g(3, 1)), ShapeError, /columns last/],
  "solve: rows": [() => solve(f(2, 2), g(3, 1)), ShapeError, /columns last/],
  "solve: batch": [() => solve(f(2, 2, 2), g(3, 2, 1)), ShapeError, /broadcast/],
  "inverse: square": [() => inverse(f(2, 3)), ShapeError, /square/],
  "det: dtype": [() => det(i(2, 2)), DTypeError, /float/],
  "matrixPower: exponent": [() => matrixPower(f(2, 2), 0.5), AttributeError, /integer/],
  "cross: extent": [() => cross(f(2), g(2)), ShapeError, /extent 3/],
  "threefry: dtype": [() => threefry([i(), i()], [i(), i()]), DTypeError, /uint32/],
  "randomKey: seed": [() => randomKey(-1), AttributeError, /non-negative/],
  "foldIn: value": [() => foldIn(u(2), 2 ** 32), AttributeError, /2\^32/],
  "randomUniform: key": [() => randomUniform(u(3), [2]), ShapeError, /uint32 \[2\]/],
  "randomUniform: dtype": [() => randomUniform(u(2), [2], { dtype: "int32" }), DTypeError, /float/],
  "dropout: rate": [() => dropout(f(2), u(2), 1.5), AttributeError, /\[0, 1\]/],
  "groupNorm: groups": [() => groupNorm(f(2, 3), 2), AttributeError, /divide into 2 groups/],
  "instanceNorm: rank": [() => instanceNorm(f(2, 3)), ShapeError, /spatial axes/],
  "batchNorm: channels": [
    () => batchNorm(f(2, 3), { mean: g(2), variance: g(2) }),
    ShapeError,
    /must be \[3\]/,
  ],
  "batchNormTraining: one value": [() => batchNormTraining(f(1, 3)), ShapeError, /single value per channel/],
  "scaledDotProductAttention: features": [
    () => scaledDotProductAttention(f(2, 3), g(2, 4), g(2, 4)),
    ShapeError,
    /features/,
  ],
  "rotaryEmbedding: odd": [() => rotaryEmbedding(f(2, 3)), ShapeError, /even D/],
  "gridSample: coordinates": [() => gridSample(f(1, 1, 2, 2), g(1, 4, 3)), ShapeError, /coordinates/],
  "gruCell: gates": [
    () => gruCell(f(1, 2), g(1, 2), { input: input("w", [8, 2]), hidden: input("v", [8, 2]) }),
    ShapeError,
    /3 · 2 rows/,
  ],
  "rnn: no steps": [
    () => rnn(f(0, 1, 2), g(1, 2), { input: input("w", [2, 2]), hidden: input("v", [2, 2]) }),
    ShapeError,
    /at least one step/,
  ],
};

test.each(Object.entries(refused))("%s", (_, [build, error, says]) => {
  expect(build).toThrow(error);
  expect(build).toThrow(says);
});
