// What the sources say about the functions that build nodes: the files' headers, doc comments and signatures.
// It refuses to run them.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { resolve } = createRequire(new URL("../../test/package.json", import.meta.url));

/** @typedef {{ readonly name: string, readonly doc: string, readonly parameters: string | undefined }} Entry */
/** @typedef {{ readonly path: string, readonly title: string, readonly header: string, readonly entries: readonly Entry[] }} Source */

/** The text of a block comment without its stars, up to the first tag. @param {string} comment */
function plain(comment) {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*+ ?/, "").trim());
  return lines
    .join(" ")
    .replace(/\s@\w.*$/, "")
    .trim();
}

/** A signature as a reader wants it: no generic feed names, one line. @param {string} text */
function tidy(text) {
  return text
    .replace(/<Feeds(, ?never)?>/g, "")
    .replace(/\breadonly /g, "")
    .replace(/\s+/g, " ")
    .replace(/,? ?\)?$/, "")
    .replace(/^\(/, "")
    .trim();
}

/**
 * The parameters between the parentheses of a function-like node.
 * @param {string} text @param {any} node
 */
function parametersOf(text, node) {
  const list = Array.isArray(node.params) ? node.params : (node.params?.items ?? []);
  if (list.length === 0) return "";
  return tidy(text.slice(list[0].start, list[list.length - 1].end));
}

/** The first node of a type below another one. @param {any} node @param {string} type @returns {any} */
function find(node, type) {
  if (typeof node !== "object" || node === null) return undefined;
  if (node.type === type) return node;
  for (const [key, child] of Object.entries(node)) {
    if (key === "body" && node.type === "ArrowFunctionExpression") continue;
    const found = Array.isArray(child)
      ? child.map((element) => find(element, type)).find((element) => element !== undefined)
      : find(child, type);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The files of a folder of @adjoint/core with what they export, in alphabetical order.
 * @param {string} folder
 * @returns {Promise<Source[]>}
 */
export async function readSources(folder) {
  const { parseSync } = await import(pathToFileURL(resolve("oxc-parser")).href);
  const directory = `packages/core/src/${folder}`;
  const files = readdirSync(`${root}/${directory}`)
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => {
      const path = `${directory}/${name}`;
      const text = readFileSync(`${root}/${path}`, "utf8");
      return { path, name, text, ...parseSync(path, text) };
    });
  /** Parameters by the name of an alias of a function type. @type {Map<string, string>} */
  const aliases = new Map();
  for (const { text, program } of files) {
    for (const { declaration } of program.body) {
      const type =
        declaration?.type === "TSTypeAliasDeclaration" ? find(declaration, "TSFunctionType") : undefined;
      if (type !== undefined) aliases.set(declaration.id.name, parametersOf(text, type));
    }
  }
  return files.map(({ path, name, text, program, comments }) => {
    /** @type {(start: number) => string} */
    const docBefore = (start) => {
      const comment = comments.find(
        (/** @type {any} */ one) => text.slice(one.end, start).trim() === "" && one.end <= start,
      );
      return comment === undefined ? "" : plain(comment.value);
    };
    /** @type {Entry[]} */
    const entries = program.body.flatMap((/** @type {any} */ statement) => {
      const { declaration } = statement;
      const doc = docBefore(statement.start);
      if (declaration?.type === "FunctionDeclaration") {
        return [{ name: declaration.id.name, doc, parameters: parametersOf(text, declaration) }];
      }
      const declared = declaration ?? statement;
      if (declared.type !== "VariableDeclaration") return [];
      return declared.declarations.map((/** @type {any} */ one) => {
        const annotated = find(one.id.typeAnnotation, "Identifier")?.name;
        const callee = one.init?.callee?.name;
        const alias =
          annotated ?? (callee === "unary" ? "Unary" : callee === "binary" ? "Binary" : undefined);
        const arrow =
          callee === "opFunction" ? find(one.init.arguments[1], "ArrowFunctionExpression") : undefined;
        const parameters = arrow === undefined ? aliases.get(alias ?? "") : parametersOf(text, arrow);
        const literal = callee === "unary" || callee === "binary" ? one.init.arguments[0]?.value : undefined;
        return { name: literal ?? one.id.name, doc, parameters };
      });
    });
    const last = new Map(entries.map((entry) => [entry.name, entry]));
    const header = plain(/^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "");
    return { path, title: name.replace(/\.ts$/, ""), header, entries: [...last.values()] };
  });
}
