/** A search box over names: a combobox as ARIA describes it. Source: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/. */

import { find, h } from "./dom.js";

const shown = 12;

/** Connects the box in `root`; `names` are asked for whenever something is typed. */
export function connectSearch(
  root: ParentNode,
  names: () => readonly string[],
  choose: (name: string) => void,
): void {
  const box = find(root, "#inspector-search", HTMLInputElement);
  const options = find(root, "#inspector-found", HTMLUListElement);
  let found: string[] = [];
  let active = -1;

  const close = (): void => {
    options.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const take = (name: string | undefined): void => {
    if (name === undefined) return;
    box.value = name;
    close();
    choose(name);
  };
  const highlight = (next: number): void => {
    active = (next + found.length) % Math.max(1, found.length);
    for (const [position, option] of [...options.children].entries())
      option.setAttribute("aria-selected", String(position === active));
    box.setAttribute("aria-activedescendant", `inspector-option-${active}`);
  };
  const update = (): void => {
    found = matches(names(), box.value);
    options.replaceChildren(
      ...found.map((name, position) =>
        h(
          "li",
          {
            role: "option",
            id: `inspector-option-${position}`,
            "aria-selected": "false",
            mousedown: (event) => {
              event.preventDefault();
              take(name);
            },
          },
          name,
        ),
      ),
    );
    active = -1;
    options.hidden = found.length === 0;
    box.setAttribute("aria-expanded", String(found.length > 0));
    box.removeAttribute("aria-activedescendant");
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => highlight(active + 1),
    ArrowUp: () => highlight(active - 1),
    Enter: () => take(found[Math.max(0, active)]),
    Escape: close,
  };
  box.addEventListener("input", update);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

/** Names that hold what was typed: those that begin with it first. */
function matches(names: readonly string[], typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return [];
  const holding = names.filter((name) => name.toLowerCase().includes(wanted));
  const rank = (name: string): number => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return holding.sort((a, b) => rank(a) - rank(b) || a.length - b.length).slice(0, shown);
}
