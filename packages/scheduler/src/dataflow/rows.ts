/** Rows of indices of different lengths in two flat arrays. It refuses to grow. */

export interface Rows {
  /** Row `i` is `items[start[i]]` up to, not including, `items[start[i + 1]]`. */
  readonly start: Int32Array;
  readonly items: Int32Array;
}

/** A row as a view, to be walked over where speed does not matter. */
export function rowOf({ start, items }: Rows, row: number): Int32Array {
  return items.subarray(start[row] ?? 0, start[row + 1] ?? 0);
}

/** Rows from lists. */
export function rowsOf(lists: readonly (readonly number[])[]): Rows {
  // Plain loops: planning makes rows again and again, of a few items each.
  const start = new Int32Array(lists.length + 1);
  let length = 0;
  for (let row = 0; row < lists.length; row++) {
    length += lists[row]?.length ?? 0;
    start[row + 1] = length;
  }
  const items = new Int32Array(length);
  let at = 0;
  for (const list of lists) for (const item of list) items[at++] = item;
  return { start, items };
}

/** As many empty rows. */
export function noRows(count: number): Rows {
  return { start: new Int32Array(count + 1), items: new Int32Array(0) };
}

/** The rows as lists. */
export function listsOf(rows: Rows): number[][] {
  return Array.from({ length: rows.start.length - 1 }, (_, row) => [...rowOf(rows, row)]);
}

/** Row `j` of the answer lists every row of `rows` that holds `j`, in rising order. */
export function transpose({ start, items }: Rows, count: number): Rows {
  const turnedStart = new Int32Array(count + 1);
  for (const item of items) turnedStart[item + 1] = (turnedStart[item + 1] ?? 0) + 1;
  for (let j = 0; j < count; j++) turnedStart[j + 1] = (turnedStart[j + 1] ?? 0) + (turnedStart[j] ?? 0);
  const fill = turnedStart.slice();
  const turned = new Int32Array(items.length);
  for (let row = 0; row + 1 < start.length; row++) {
    for (let k = start[row] ?? 0, end = start[row + 1] ?? 0; k < end; k++) {
      const item = items[k] ?? 0;
      const at = fill[item] ?? 0;
      turned[at] = row;
      fill[item] = at + 1;
    }
  }
  return { start: turnedStart, items: turned };
}
