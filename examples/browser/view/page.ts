// The parts of the page by name. A missing one is a mistake in index.html, reported at once.

/** The element of an id, as the kind it must be. @throws TypeError when there is none such. */
export function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`The page has no ${kind.name} #${id}.`);
}

/** Sets a text only where it differs, so that nothing is announced twice. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
