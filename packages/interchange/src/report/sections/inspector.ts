/** What the inspector's script finds on the page: shown only where it runs. */

import { type Html, html } from "../html.js";

export function inspectorSection(): Html {
  return html`<section class="inspector" aria-labelledby="inspector" hidden><h2 id="inspector">Inspector</h2>
<p>Drop a graph (JSON or text) or a plan here, or both together, or open them below. Click a node, or search for it; the slider steps through the schedule.
With the keyboard: in the picture arrows move, + and − zoom, 0 shows everything; in the panel, buttons lead along the edges.</p>
<div class="tools">
<label>file <input type="file" id="inspector-file" multiple accept=".json,.ir,.txt,.graph,.plan,application/json,text/plain"></label>
<label>show <select id="inspector-view"></select></label>
<div class="search"><label>search <input id="inspector-search" role="combobox" aria-autocomplete="list" aria-expanded="false" aria-controls="inspector-found" autocomplete="off"></label>
<ul id="inspector-found" role="listbox" aria-label="nodes" hidden></ul></div>
<span role="group" aria-label="zoom"><button type="button" data-key="+" aria-label="zoom in">+</button> <button type="button" data-key="-" aria-label="zoom out">−</button> <button type="button" data-key="0">all</button></span>
</div>
<p id="inspector-message" role="status"></p>
<div class="bench"><div id="inspector-canvas" tabindex="0" role="application" aria-label="graph"></div>
<div id="inspector-details" tabindex="0" role="region" aria-label="chosen node" aria-live="polite"></div></div>
<div id="inspector-timeline" hidden><label for="inspector-step">Step of the schedule</label>
<input type="range" id="inspector-step" min="0" max="0" value="0">
<p id="inspector-now"></p>
<div id="inspector-live"></div></div>
</section>
`;
}
