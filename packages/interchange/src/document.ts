/** `@adjoint/interchange/document`: whatever Adjoint writes, read by what its bytes say; without what drawings load. */

export type { AdjointDocument, DocumentKind } from "./document/document.js";
export { readDocument } from "./document/document.js";
