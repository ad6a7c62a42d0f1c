/** `@adjoint/scheduler`: from a declared graph to a plan that a backend only executes. */

export type * from "./backend/backend.js";
export { reference } from "./backend/reference.js";
export * from "./gradient/gradient.js";
export * from "./offsets/index.js";
export * from "./optimizers/sgd.js";
export * from "./passes/pipeline.js";
export { printStage } from "./passes/print.js";
export type { Cluster, Pass, PassContext, Stage, StageKind } from "./passes/stage.js";
export { verifyStage } from "./passes/verify.js";
export * from "./plan/json.js";
export type * from "./plan/plan.js";
export * from "./plan/print.js";
export * from "./plan/verify.js";
export * from "./rewrite/rule.js";
export { simplifications } from "./rewrite/rules.js";
export * from "./session/compile.js";
export type * from "./session/events.js";
export type { FeedRecord, OutputRecord, Program, Step } from "./session/program.js";
export type { ParameterStore } from "./session/session.js";
export type { FeedData, Tensor } from "./session/tensor.js";
