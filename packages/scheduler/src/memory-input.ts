/** The error of input data that no plan can be made for. It names the offending item and field, and refuses to guess. */

import { AdjointError } from "@adjoint/core";

/** Input that is not what it must be: `address` is `buffers[3].size`, or the name of an option. */
export class MemoryInputError extends AdjointError {
  /** Index of the offending item in its list; undefined where an option is at fault. */
  readonly item: number | undefined;
  /** Name of the offending field or option. */
  readonly field: string;

  constructor(
    place: { readonly list: string; readonly item: number } | undefined,
    field: string,
    problem: string,
  ) {
    const address = place === undefined ? field : `${place.list}[${place.item}].${field}`;
    super(`${address} ${problem}`, address);
    this.item = place?.item;
    this.field = field;
  }
}
