/** Puts one box in the place of a scope, and another in that of its derivatives. It refuses to know what is inside. */

import { NameError } from "@adjoint/core";
import { enclosing } from "../scope.js";
import type { Arrow, Mark, Picture } from "./picture.js";

/** The picture with scopes as boxes: those of a depth, 1 for the outermost, or those of these names. @throws NameError */
export function collapse(picture: Picture, scopes: number | readonly string[]): Picture {
  if (typeof scopes !== "number") refuseUnknown(picture, scopes);
  const blocks = new Map<string, Mark[]>();
  const places = new Map<string, string>();
  const marks: Mark[] = [];
  for (const mark of picture.marks) {
    const around = enclosing(mark.scope);
    const scope =
      typeof scopes === "number" ? around[scopes - 1] : around.find((each) => scopes.includes(each));
    const id = scope === undefined ? mark.id : blockId(scope, mark.order);
    places.set(mark.id, id);
    if (scope === undefined) {
      marks.push(mark);
      continue;
    }
    const known = blocks.get(id);
    if (known !== undefined) known.push(mark);
    else {
      blocks.set(id, [mark]);
      marks.push({ ...mark, id, scope: enclosing(scope).at(-2) ?? "" });
    }
  }
  const ids = new Set(places.values());
  const drawn = marks.map((mark): Mark => {
    const inside = blocks.get(mark.id);
    return inside === undefined ? mark : block(mark, inside, ids);
  });
  const merged = new Map<string, Arrow>();
  for (const arrow of picture.arrows) {
    const [from, to] = [places.get(arrow.from) ?? arrow.from, places.get(arrow.to) ?? arrow.to];
    if (from === to) continue;
    const key = JSON.stringify([from, to]);
    const known = merged.get(key);
    const text = known === undefined || known.text === "" ? arrow.text : known.text;
    const reuse = arrow.reuse && known?.reuse !== false;
    merged.set(key, { ...arrow, from, to, text, reuse });
  }
  return { marks: drawn, arrows: [...merged.values()] };
}

function refuseUnknown({ marks }: Picture, scopes: readonly string[]): void {
  const known = new Set(marks.flatMap(({ scope }) => enclosing(scope)));
  const unknown = scopes.find((scope) => !known.has(scope));
  if (unknown === undefined) return;
  const there = known.size === 0 ? "the graph has none" : `the scopes are ${[...known].sort().join(", ")}`;
  throw new NameError(`There is no scope "${unknown}" to collapse: ${there}.`, unknown);
}

function blockId(scope: string, order: number): string {
  return order === 0 ? `${scope}.` : `${"∂".repeat(order)} ${scope}.`;
}

function block({ id, order, scope }: Mark, inside: readonly Mark[], ids: ReadonlySet<string>): Mark {
  const count = (what: string, marks: number): string[] =>
    marks === 0 ? [] : [`${marks} ${what}${marks === 1 ? "" : "s"}`];
  const retained = inside.filter(({ keeping }) => keeping === "retained").length;
  const recomputed = inside.filter(({ keeping }) => keeping === "recomputed").length;
  const lines = [
    ...count("parameter", inside.filter(({ parameter }) => parameter).length),
    ...count("op", inside.filter(({ kind }) => kind === "operator").length),
    ...(retained === 0 ? [] : [`keeps ${retained}`]),
    ...(recomputed === 0 ? [] : [`recomputes ${recomputed}`]),
  ];
  const forward = id.replace(/^∂+ /, "");
  return {
    id,
    kind: "block",
    text: id.slice(0, -1),
    details: lines,
    order,
    keeping: retained > 0 ? "retained" : recomputed > 0 ? "recomputed" : undefined,
    ...(order > 0 && ids.has(forward) ? { beside: forward } : {}),
    scope,
  };
}
