// The digits in a folder on disk. What the files mean is not its concern.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { DigitSets } from "./dataset.js";
import { DataError, systemProblem } from "./errors.js";
import { readUnpacked } from "./file.js";
import { digitsIn } from "./idx.js";

/** Reads the IDX files in a folder. @throws DataError, with file and byte, for what `digitsIn` refuses. */
export function readDigits(folder: string): DigitSets {
  const path = (name: string): string => join(folder, name);
  return digitsIn({ place: folder, names: list(folder), path, read: (name) => readUnpacked(path(name)) });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw new DataError({ file: folder }, systemProblem(error));
  }
}
