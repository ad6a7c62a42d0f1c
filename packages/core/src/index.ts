/** `@adjoint/core`: tensors as static graphs of ops. */

export * from "./compositions/activation.js";
export * from "./compositions/attention.js";
export type { ConvOptions, ConvTransposeOptions, Padding } from "./compositions/convolution.js";
export {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "./compositions/convolution.js";
export * from "./compositions/einsum.js";
export * from "./compositions/entropy.js";
export * from "./compositions/gridSample.js";
export * from "./compositions/indexing.js";
export * from "./compositions/linalg.js";
export * from "./compositions/linear.js";
export * from "./compositions/loss.js";
export * from "./compositions/movement.js";
export * from "./compositions/normalization.js";
export * from "./compositions/pooling.js";
export * from "./compositions/random.js";
export * from "./compositions/recurrent.js";
export type { ResizeMode, ResizeOptions, ResizeTarget } from "./compositions/resize.js";
export { resize } from "./compositions/resize.js";
export * from "./compositions/sorting.js";
export * from "./compositions/statistics.js";
export type { DType } from "./dtype.js";
export { dtypes, isDType } from "./dtype.js";
export * from "./errors.js";
export type { ReadOptions } from "./graph/assembly.js";
export type {
  AttributeKind,
  AttributeSchema,
  Attributes,
  AttributeValue,
  AttributeValues,
} from "./graph/attributes.js";
export type { GraphDeclaration, Update } from "./graph/graph.js";
export { Graph, graph } from "./graph/graph.js";
export type {
  AttributeJson,
  GraphJson,
  NodeJson,
  UpdateJson,
} from "./graph/json/form.js";
export { graphFromJson } from "./graph/json/read.js";
export { graphToJson } from "./graph/json/write.js";
export { attributeKey } from "./graph/merge.js";
export type { FeedsOf } from "./graph/node.js";
export { createNode, label, markDerivativeOrder, Node, withOperands } from "./graph/node.js";
export * from "./graph/op.js";
export { reachable } from "./graph/order.js";
export { sameGraph } from "./graph/same.js";
export type { EdgeAttributes, NodeAttributes } from "./graph/structure.js";
export { parseGraph } from "./graph/text/parse.js";
export { printGraph } from "./graph/text/print.js";
export { verifyGraph } from "./graph/verify.js";
export * from "./interpret/interpret.js";
export type { InitializerJson, NumberJson } from "./json.js";
export * from "./lowering/division.js";
export * from "./lowering/loops.js";
export { catalogue } from "./ops/catalogue.js";
export { customGradientOp } from "./ops/custom.js";
export * from "./ops/index.js";
export type { HeOptions, Initializer, ScaledOptions } from "./random/initializer.js";
export {
  filled,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  initialize,
  isInitializer,
  lecunNormal,
  lecunUniform,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
  values,
} from "./random/initializer.js";
export type { Shape } from "./shape.js";
export { broadcastShapes, extentOf, formatShape, sameShape, sizeOf, stridesOf } from "./shape.js";
export { parseJson } from "./syntax.js";
export type { TensorType } from "./tensor.js";
export { formatType } from "./tensor.js";
