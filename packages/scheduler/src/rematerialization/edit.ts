/** A change of a sequence of executions. It refuses to be judged. */

/** Operations to run in place of the positions [from, to): the first `length` of `items`. */
export interface Edit {
  from: number;
  to: number;
  length: number;
  readonly items: Int32Array;
}
