/** Numbers as people read them. */

/** A count with at most four digits before a unit. */
export function count(value: number): string {
  const units = ["", " thousand", " million", " billion", " trillion", " quadrillion"];
  if (value < 1e5) return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const power = Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toLocaleString("en-US", { maximumSignificantDigits: 4 })}${units[power] ?? ""}`;
}

/** How many times one is the other. */
export function ratio(value: number, of: number): string {
  return of === 0 ? "—" : `${(value / of).toLocaleString("en-US", { maximumSignificantDigits: 3 })}×`;
}

export function percent(share: number): string {
  return `${(100 * share).toLocaleString("en-US", { maximumFractionDigits: 1 })} %`;
}

export function shapeOf(shape: readonly number[]): string {
  return shape.length === 0 ? "a number" : shape.join(" × ");
}
