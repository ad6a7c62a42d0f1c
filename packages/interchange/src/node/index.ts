/** `@adjoint/interchange/node`: folders and files through Node's file system; the only part that needs Node. */

export { FileError, readChunks, readWhole, writeWhole } from "./file.js";
export { nodeFolder } from "./folder.js";
