/** What an operation that closes another one leaves behind in the dataflow. It refuses to order them. */

import type { Dataflow } from "../dataflow/dataflow.js";
import { rowOf } from "../dataflow/rows.js";

/** Per value, when it cannot be written again. */
const finality = {
  /** Never. */
  open: 0,
  /** Once it has been read: its one reader closes its writer. */
  read: 1,
  /** Once it has been written: its writer closes itself. */
  written: 2,
} as const;

export function finalValues({ values, closes, producer, consumers }: Dataflow): Uint8Array {
  const closesOne = (o: number, closed: number): boolean => rowOf(closes, o).includes(closed);
  return Uint8Array.from({ length: values }, (_, v) => {
    const writer = producer[v] ?? -1;
    if (writer < 0) return finality.open;
    if (closesOne(writer, writer)) return finality.written;
    const readers = rowOf(consumers, v);
    return readers.length === 1 && closesOne(readers[0] ?? 0, writer) ? finality.read : finality.open;
  });
}

/** Whether a value cannot be written again; `written` and `read` are 1 where it has been. */
export function isFinal(
  final: number | undefined,
  written: number | undefined,
  read: number | undefined,
): boolean {
  return (final === finality.read && read === 1) || (final === finality.written && written === 1);
}
