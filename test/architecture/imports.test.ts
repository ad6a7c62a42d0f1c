// Who may import whom: the package table of docs/architecture.md, public entry points only, nothing of Node inside
// a package, and no cycle between the files of a package. Type-only imports obey the table but may form a cycle: a
// node names its op and an op's functions take nodes, two concepts in two files, and erased imports load nothing.

import { builtinModules } from "node:module";
import { dirname, join } from "node:path/posix";
import { DirectedGraph } from "graphology";
import { stronglyConnectedComponents } from "graphology-components";
import { describe, expect, test } from "vitest";
import { type Import, imports, manifest, packageFolders, read, sources } from "./workspace.js";

const graphology = /^graphology(-[a-z]+)*$/;

/** What the sources of each package may import besides their own files. */
const allowed: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  "packages/core": [graphology],
  "packages/scheduler": ["@adjoint/core", graphology, "rxjs"],
  "packages/backend-cpu": ["@adjoint/core", "@adjoint/scheduler"],
  "packages/backend-gpu": ["@adjoint/core", "@adjoint/scheduler"],
  "packages/interchange": ["@adjoint/core", "@adjoint/scheduler", graphology, "@viz-js/viz", "katex"],
  "packages/cli": [
    "@adjoint/core",
    "@adjoint/scheduler",
    "@adjoint/backend-cpu",
    "@adjoint/backend-gpu",
    "@adjoint/interchange",
    "commander",
  ],
};

/** The only sources that may use Node; everything else runs in browsers as well. */
const needsNode = [/^packages\/cli\//, /^packages\/interchange\/src\/node\//];

/** Folders that stand outside the packages and see them as a user does. */
const users = ["examples", "bench", "test"];

const publicEntries = new Set(
  [...packageFolders, "examples"].flatMap((folder) => {
    const { name, exports = {} } = manifest(folder);
    return Object.keys(exports).map((entry) => name + entry.slice(1));
  }),
);

function importsOf(folder: string): Import[] {
  return sources(folder).flatMap((file) => imports(file, read(file)));
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith(".");
}

/** "@adjoint/core/kernel" is of package "@adjoint/core". */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

/** A specifier of this workspace, other than a relative one. */
function isOwn(specifier: string): boolean {
  return specifier.startsWith("@adjoint/") || packageOf(specifier) === "examples";
}

function isPublic(specifier: string): boolean {
  return publicEntries.has(specifier) || /^examples\/.+\.js$/.test(specifier);
}

/** Relative imports that leave the folder they stand in. */
function escapes(folder: string, { file, specifier }: Import): boolean {
  return isRelative(specifier) && !join(dirname(file), specifier).startsWith(`${folder}/`);
}

function lines(found: readonly Import[]): string[] {
  return found.map(({ file, specifier }) => `${file} imports "${specifier}"`);
}

/** The groups of files that load each other in a circle. */
function cycles(folder: string): string[][] {
  const files = new DirectedGraph();
  for (const file of sources(folder)) files.mergeNode(file);
  for (const { file, specifier, typeOnly } of importsOf(folder)) {
    if (!typeOnly && isRelative(specifier))
      files.mergeEdge(file, join(dirname(file), specifier).replace(/\.js$/, ".ts"));
  }
  return stronglyConnectedComponents(files)
    .filter((component) => component.length > 1 || component.some((file) => files.hasEdge(file, file)))
    .map((component) => component.sort());
}

test("the import table names every package", () => {
  expect(Object.keys(allowed).sort()).toEqual(packageFolders);
});

test("the reader of imports sees every form of import, and no text that only looks like one", () => {
  const text = `
    import a from "a"; import { type B, c } from "b"; export * from "c"; export { d } from "d"; import "e";
    const f = await import("f"); import type { G } from "g"; export type { H } from "h"; type I = import("i").I;
    export const not = 'import "neither"'; // import "nor"`;
  const found = imports("example.ts", text);
  const specifiers = (typeOnly: boolean): string[] =>
    found.filter((entry) => entry.typeOnly === typeOnly).map(({ specifier }) => specifier);
  expect(specifiers(false).sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(specifiers(true).sort()).toEqual(["g", "h", "i"]);
});

describe.each(packageFolders)("%s", (folder) => {
  const src = `${folder}/src`;
  const found = importsOf(src);

  test("has sources", () => {
    expect(sources(src)).not.toEqual([]);
  });

  test("imports only what the table allows", () => {
    const rules = allowed[folder] ?? [];
    const wrong = found.filter(({ specifier }) => {
      const name = packageOf(specifier);
      return (
        !isRelative(specifier) &&
        !isBuiltin(specifier) &&
        !rules.some((rule) => (rule instanceof RegExp ? rule.test(name) : rule === name))
      );
    });
    expect(lines(wrong)).toEqual([]);
  });

  test("declares every package that it imports", () => {
    const { dependencies = {} } = manifest(folder);
    const wrong = found.filter(
      ({ specifier }) =>
        !isRelative(specifier) && !isBuiltin(specifier) && !Object.hasOwn(dependencies, packageOf(specifier)),
    );
    expect(lines(wrong)).toEqual([]);
  });

  test("imports nothing of Node where browsers run it", () => {
    const universal = found.filter(({ file }) => !needsNode.some((place) => place.test(file)));
    expect(lines(universal.filter(({ specifier }) => isBuiltin(specifier)))).toEqual([]);
  });

  test("imports other packages by their public entry points", () => {
    const wrong = found.filter(
      (found) => escapes(src, found) || (isOwn(found.specifier) && !isPublic(found.specifier)),
    );
    expect(lines(wrong)).toEqual([]);
  });

  test("has no import cycle between its files", () => {
    expect(cycles(src)).toEqual([]);
  });
});

describe.each(users)("%s", (folder) => {
  test("imports the packages by their public entry points", () => {
    const wrong = importsOf(folder).filter(
      (found) => escapes(folder, found) || (isOwn(found.specifier) && !isPublic(found.specifier)),
    );
    expect(lines(wrong)).toEqual([]);
  });
});
