/** Elements of the page, made in one expression. It refuses to parse markup, except MathML that was made here. */

type Attributes = Readonly<Record<string, string | number | boolean | EventListener>>;

/** An element; attributes that are functions listen to the event of their name, those that are false are left out. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (HTMLElement | SVGElement | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** MathML as an element. */
export function mathElement(mathml: string): HTMLElement {
  const holder = document.createElement("span");
  holder.className = "math";
  holder.innerHTML = mathml;
  return holder;
}

/** A child of a page that was written for it. */
export function find<E extends Element>(root: ParentNode, selector: string, kind: new () => E): E {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return found;
}
