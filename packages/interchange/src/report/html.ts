/** Pieces of a page, as text. It refuses to let anything unescaped into one. */

/** Markup that is ready to stand in a page. */
export interface Html {
  readonly html: string;
}

export type Content = string | number | Html | undefined | readonly Content[];

/** Markup with its values escaped, unless they are markup themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { html: parts.reduce((text, part, position) => `${text}${render(values[position - 1])}${part}`) };
}

function render(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "number") return escapeHtml(content.toLocaleString("en-US"));
  if (typeof content === "string") return escapeHtml(content);
  return "html" in content ? content.html : content.map(render).join("");
}

/** Markup that another library made. */
export function trusted(markup: string): Html {
  return { html: markup };
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export interface Column<Row> {
  readonly title: string;
  /** Aligned to the right. */
  readonly number?: boolean;
  readonly cell: (row: Row) => Content;
}

/** A table whose first column names the rows. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const head = columns.map(({ title, number }) => html`<th scope="col"${kind(number)}>${title}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map(({ number, cell }, position) =>
        position === 0 ? html`<th scope="row">${cell(row)}</th>` : html`<td${kind(number)}>${cell(row)}</td>`,
      )}</tr>\n`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>
`;
}

function kind(number: boolean | undefined): Html {
  return trusted(number === true ? ' class="number"' : "");
}

/** How far a picture may shrink. */
const smallest = 0.55;

/** A picture that shrinks to the page while it can be read, and scrolls beyond. */
export function figure(svg: string, description: string): Html {
  const [, viewed = "0"] = /viewBox="\S+ \S+ (\S+) /.exec(svg) ?? [];
  // Graphviz views in points, and writes how large that is; other pictures view in pixels.
  const natural = Math.round(/ width="\S+pt"/.test(svg) ? (Number(viewed) * 4) / 3 : Number(viewed));
  const style = `width: max(100%, ${Math.round(natural * smallest)}px); max-width: ${natural}px`;
  const body = svg
    .slice(svg.indexOf("<svg"))
    .replaceAll(/ id="[^"]*"/g, "")
    .replace(/<svg([^>]*?) width="\S+pt" height="\S+pt"/, "<svg$1")
    .replace("<svg", `<svg style="${style}"`)
    .replace(/<svg(?![^>]*role=)/, `<svg role="img" aria-label="${escapeHtml(description)}"`);
  return html`<figure><div class="wide picture" tabindex="0" role="region" aria-label="${description}">${trusted(body)}</div>
<figcaption>${description}</figcaption></figure>
`;
}

export function details(summary: string, ...content: readonly Content[]): Html {
  return html`<details><summary>${summary}</summary>
${content}</details>
`;
}
