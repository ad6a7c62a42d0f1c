/** Amounts of memory as people write and read them. */

import { MemoryInputError, shown } from "../memory-input.js";

/** Each is 1024 of the one before. */
export const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes with the unit in which they have at most four digits before the point. */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[power] ?? "B"}`;
}

const factors: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Bytes from a number, or from a text such as "64 MiB" (2^20 bytes) or "1.5GB" (10^9 bytes).
 * @throws MemoryInputError naming `field`.
 */
export function parseBytes(amount: number | string, field: string): number {
  const text = typeof amount === "string" || typeof amount === "number" ? String(amount) : "";
  const [, digits = "", unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (factors[unit.toLowerCase()] ?? Number.NaN));
  if (digits === "" || !Number.isSafeInteger(bytes)) {
    throw new MemoryInputError(undefined, field, `is ${shown(amount)}; give bytes, or a text like "64 MiB"`);
  }
  return bytes;
}
