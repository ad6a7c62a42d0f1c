/** Numbers as findings show them. It refuses to round what is compared. */

export function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
