// The reason why a case cannot be mapped: an argument, or a combination of them, that Adjoint has nothing for. Not for
// mistakes in the file, which are DataErrors, nor for operators that are left out as a whole, which scope.ts lists.

import { AdjointError } from "@adjoint/core";

/** An operator or an argument of one that is not mapped to Adjoint; the message says which. */
export class UnsupportedError extends AdjointError {}
