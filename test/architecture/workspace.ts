// The workspace as the architecture tests see it: its folders, manifests, source files and what each file imports.
// It refuses to judge any of it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "oxc-parser";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The folders under packages/, such as "packages/core". */
export const packageFolders: readonly string[] = readdirSync(`${root}/packages`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `packages/${entry.name}`)
  .sort();

export function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(`${root}/${folder}/package.json`, "utf8"));
}

/** Every TypeScript file below a folder, as a path from the repository root; never what was built or installed. */
export function sources(folder: string): string[] {
  if (!existsSync(`${root}/${folder}`)) return [];
  return readdirSync(`${root}/${folder}`, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory())
        return ["dist", "node_modules", "out"].includes(entry.name) ? [] : sources(path);
      return path.endsWith(".ts") ? [path] : [];
    })
    .sort();
}

export function read(path: string): string {
  return readFileSync(`${root}/${path}`, "utf8");
}

export interface Import {
  readonly file: string;
  readonly specifier: string;
  /** Erased when compiled, so it takes no part in the order in which files load. */
  readonly typeOnly: boolean;
}

interface Importing {
  readonly source?: unknown;
  readonly importKind?: string;
  readonly exportKind?: string;
}

/** What a source text imports in any form: values, types, re-exports, `import()` and import types. */
export function imports(file: string, text: string): Import[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0)
    throw new Error(`${file} does not parse: ${errors.map((e) => e.message).join("; ")}`);
  const found: Import[] = [];
  const keep = ({ source, importKind, exportKind }: Importing, typeOnly = false): void => {
    if (typeof source !== "object" || source === null || !("value" in source)) return;
    if (typeof source.value !== "string") return;
    const erased = typeOnly || importKind === "type" || exportKind === "type";
    found.push({ file, specifier: source.value, typeOnly: erased });
  };
  new Visitor({
    ImportDeclaration: (node) => keep(node),
    ExportNamedDeclaration: (node) => keep(node),
    ExportAllDeclaration: (node) => keep(node),
    ImportExpression: (node) => keep(node),
    TSImportType: (node) => keep(node, true),
  }).visit(program);
  return found;
}
