/** Entry point `@adjoint/core/kernel`: the scalar and Kernel languages, for schedulers and backends. */

export * from "./half.js";
export * as json from "./json.js";
export * from "./kernel/combine.js";
export * from "./kernel/encode.js";
export * from "./kernel/expand.js";
export * from "./kernel/interpret.js";
export * from "./kernel/kernel.js";
export * from "./kernel/print.js";
export * from "./kernel/verify.js";
export * from "./kernel/walk.js";
export * from "./lowering/affine.js";
export { release } from "./release.js";
export { farthestNear, inverseTurn } from "./scalar/angle.js";
export * as scalar from "./scalar/build.js";
export * from "./scalar/expand/expand.js";
export * from "./scalar/operations.js";
export { farQuotient } from "./scalar/remainder.js";
export * from "./scalar/scalar.js";
