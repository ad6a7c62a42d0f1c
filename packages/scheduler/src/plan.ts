/** Entry point `@adjoint/scheduler/plan`: plans and the backend contract, for backends and tools. */

export type * from "./backend/backend.js";
export type { ContentCache } from "./cache/cache.js";
export type * from "./plan/plan.js";
