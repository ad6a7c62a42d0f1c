/** `@adjoint/cli`: the command `adjoint` as a function. */

export { main } from "./main.js";
export type { Output, Terminal } from "./terminal.js";
