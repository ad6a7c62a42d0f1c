/** What commands understand after an option: counts, numbers, bytes, lists. It refuses to know what they are for. */

import { AdjointError } from "@adjoint/core";
import { parseBytes } from "@adjoint/scheduler";
import { InvalidArgumentError } from "commander";

/** A whole number from `least` on, to `most` where there is one. */
export function count(least: number, most?: number): (text: string) => number {
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= (most ?? value)) return value;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** A finite number above 0. */
export function positive(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** Names between commas. */
export function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.every((name) => name !== "")) return list;
  throw new InvalidArgumentError("Expected names with commas between them.");
}

/** A depth from 1 on, or names between commas. */
export function depthOrNames(text: string): number | string[] {
  return /^\d+$/.test(text) ? count(1)(text) : names(text);
}

/** Bytes, as in 64MiB, 1.5 GB or 4096. */
export function bytes(text: string): number {
  try {
    return parseBytes(text, "bytes");
  } catch (error) {
    if (!(error instanceof AdjointError)) throw error;
    throw new InvalidArgumentError("Expected bytes, such as 64MiB, 1.5GB or 4096.");
  }
}
