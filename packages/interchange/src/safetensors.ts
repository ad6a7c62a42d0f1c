/** `@adjoint/interchange/safetensors`: tensors as bytes, without what equations and drawings load. */

export type { StoredData, StoredTensor, StoredType } from "./safetensors/format.js";
export { SafetensorsError } from "./safetensors/format.js";
export type { StoredEntry, StoredHeader } from "./safetensors/header.js";
export { readSafetensorsHeader } from "./safetensors/header.js";
export type { HostData } from "./safetensors/host.js";
export { hostArrayOf, numbersOf } from "./safetensors/host.js";
export type { OpenSafetensors, Safetensors } from "./safetensors/read.js";
export { openSafetensors, readSafetensors, streamSafetensors } from "./safetensors/read.js";
export type { Storable, StorableNow } from "./safetensors/write.js";
export { safetensorsChunks, writeSafetensors } from "./safetensors/write.js";
