/** `@adjoint/interchange/checkpoint`: training that can be interrupted, without what equations and drawings load. */

export type { Folder } from "@adjoint/scheduler";
export type { Checkpoint } from "./checkpoint/checkpoint.js";
export { checkpointChunks, readCheckpoint } from "./checkpoint/checkpoint.js";
export { directoryFolder } from "./checkpoint/directory.js";
export { memoryFolder } from "./checkpoint/memory.js";
export type { ParameterType, StoredParameters } from "./checkpoint/parameters.js";
export { checkParameters, readParameters, writeParameters } from "./checkpoint/parameters.js";
export type { Training } from "./checkpoint/training.js";
export { checkpointName, loadCheckpoint, resume, saveCheckpoint } from "./checkpoint/training.js";
