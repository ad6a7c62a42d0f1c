// Every source file of a package says in its first line what it is, and stays small. A file whose header says
// that it is generated may be of any length.

import { describe, expect, test } from "vitest";
import { packageFolders, read, sources } from "./workspace.js";

const limit = 300;

describe.each(packageFolders)("%s", (folder) => {
  const files = sources(`${folder}/src`).map((path) => ({ path, text: read(path) }));

  test("every file starts with a comment that says what it is", () => {
    const bare = files.filter(({ text }) => !/^(\/\/ \S|\/\*\*?\s+\S)/.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test(`no file is longer than ${limit} lines`, () => {
    const long = files
      .map(({ path, text }) => ({
        path,
        header: text.split("\n", 1)[0] ?? "",
        count: text.trimEnd().split("\n").length,
      }))
      .filter(({ header, count }) => count > limit && !/\bgenerated\b/i.test(header));
    expect(long.map(({ path, count }) => `${path}: ${count} lines`)).toEqual([]);
  });
});
