/** Element types of tensors and their storage. It refuses to convert data. */

interface DTypeInfo {
  /** Bytes of one stored element; a bool is stored as a 32-bit 0 or 1, so that lanes of masks and numbers line up. */
  readonly bytes: number;
  readonly kind: "float" | "integer" | "bool";
}

export const dtypes = {
  float32: { bytes: 4, kind: "float" },
  float16: { bytes: 2, kind: "float" },
  float64: { bytes: 8, kind: "float" },
  int32: { bytes: 4, kind: "integer" },
  uint32: { bytes: 4, kind: "integer" },
  bool: { bytes: 4, kind: "bool" },
} as const satisfies Record<string, DTypeInfo>;

export type DType = keyof typeof dtypes;

export function isDType(value: unknown): value is DType {
  return typeof value === "string" && Object.hasOwn(dtypes, value);
}

export function isFloat(dtype: DType): boolean {
  return dtypes[dtype].kind === "float";
}

export function isInteger(dtype: DType): boolean {
  return dtypes[dtype].kind === "integer";
}
