/** How the page looks, on a screen and on paper. It refuses to load anything. */

export const style = `
:root { color-scheme: light; --ink: #1a1a1a; --soft: #555; --line: #d6d6d6; --accent: #1f4e8c; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: #fff; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.4rem; margin: 2.5rem 0 .75rem; padding-top: .5rem; border-top: 2px solid var(--accent); }
h3 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
p { max-width: 52rem; }
a { color: var(--accent); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: #fff; padding: .5rem; }
.wide { overflow-x: auto; max-width: 100%; }
:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px; }
figure { margin: 1rem 0; }
figcaption, caption { color: var(--soft); font-size: .9rem; text-align: left; padding: .25rem 0; }
caption { white-space: nowrap; }
.picture { border: 1px solid var(--line); border-radius: 4px; padding: .5rem; max-height: 44rem; overflow: auto; }
.picture svg { display: block; height: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; }
thead th { font-weight: 600; border-bottom-width: 2px; }
tbody th { font-weight: 500; }
th.number, td.number { text-align: right; padding-left: .9rem; padding-right: .3rem; }
pre { overflow: auto; max-height: 24rem; background: #f6f6f6; padding: .75rem; font-size: .8rem; }
details { margin: .75rem 0; }
summary { cursor: pointer; font-weight: 600; }
.math { padding: .25rem 0; }
.math math { display: inline math; font-size: 1.05rem; }
.math mtd { padding: .2em .1em; }
.math mtd:last-child:not(:nth-child(2)) { padding-left: 2em; }
.inspector { position: relative; }
.inspector.dropping { outline: 3px dashed var(--accent); }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: end; margin: .5rem 0; }
.tools label { display: grid; font-size: .85rem; color: var(--soft); }
.tools input, .tools select, .tools button { font: inherit; padding: .2rem .5rem; color: var(--ink); }
.search { position: relative; }
.search ul { position: absolute; top: 100%; z-index: 2; margin: 0; padding: 0; min-width: 100%; list-style: none; background: #fff; border: 1px solid var(--line); }
.search li { padding: .2rem .5rem; color: var(--ink); cursor: pointer; white-space: nowrap; }
.search li[aria-selected="true"] { background: #e3edf9; }
.bench { display: grid; grid-template-columns: minmax(0, 2fr) minmax(16rem, 1fr); gap: 1rem; }
#inspector-canvas { position: relative; overflow: hidden; user-select: none; height: 32rem; border: 1px solid var(--line); border-radius: 4px; }
.picture-behind { position: absolute; inset: 0; transform-origin: 0 0; pointer-events: none; }
.picture-behind canvas { position: absolute; left: -50%; top: -50%; width: 200%; height: 200%; }
#inspector-details { max-height: 32rem; overflow: auto; }
#inspector-details h3 { margin-top: 0; overflow-wrap: anywhere; }
#inspector-details dt { color: var(--soft); font-size: .85rem; }
#inspector-details dd { margin: 0 0 .5rem; overflow-x: auto; }
button.link { font: inherit; padding: 0 .25rem; border: none; background: none; color: var(--accent); text-decoration: underline; cursor: pointer; }
#inspector-timeline input { width: 100%; }
#inspector-timeline ul { columns: 22rem; }
.arena { position: relative; height: 1.5rem; background: #f0f0f0; margin: .25rem 0; }
.arena span { position: absolute; top: 0; bottom: 0; background: #e0a800; border-left: 1px solid #fff; }
@media (max-width: 50rem) { .bench { grid-template-columns: 1fr; } }
@page { margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .inspector, details:has(> pre) { display: none; }
  .wide, .picture, pre { overflow: visible; max-height: none; border: none; }
  .picture svg { width: 100% !important; }
  .math math { font-size: calc(7.5pt * var(--fit, 1)); }
  table { font-size: 8.5pt; }
  caption { white-space: normal; }
  th, td { padding-right: .4rem; }
  pre { font-size: 6.5pt; white-space: pre-wrap; overflow-wrap: anywhere; }
  h2, h3, caption, summary, summary + p { break-after: avoid; }
  figure, tr { break-inside: avoid; }
}
`;
