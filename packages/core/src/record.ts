/** Mapping over records with known keys, which `Object.fromEntries` forgets. */

/** The record with every value replaced. */
export function mapRecord<Key extends string, A, B>(
  record: Readonly<Record<Key, A>>,
  f: (value: A, key: Key) => B,
): { readonly [Name in Key]: B };
export function mapRecord(
  record: Readonly<Record<string, unknown>>,
  f: (value: unknown, key: string) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
}
