// The memory plan as a picture of the width of its place, and in one sentence.

import { drawMemory, formatBytes } from "@adjoint/scheduler";
import type { Plan } from "@adjoint/scheduler/plan";
import { element } from "./page.js";

/** Pixels that its lettering needs; a narrower place shows it smaller. */
const narrowest = 440;

/** Returns what shows a plan, and keeps showing it when the width changes. */
export function memoryPicture(): (plan: Plan) => void {
  const place = element("memory", HTMLElement);
  const picture = document.createElement("div");
  const caption = document.createElement("p");
  let shown: Plan | undefined;
  let width = 0;
  const draw = (): void => {
    if (shown === undefined) return;
    width = Math.max(narrowest, Math.floor(place.clientWidth));
    picture.innerHTML = drawMemory(shown, { width, height: Math.round(Math.min(420, 160 + width / 4)) });
  };
  new ResizeObserver(() => {
    if (Math.max(narrowest, Math.floor(place.clientWidth)) !== width) draw();
  }).observe(place);

  return (plan) => {
    shown = plan;
    caption.textContent = sentence(plan);
    place.replaceChildren(picture, caption);
    draw();
  };
}

function sentence({ memory, steps }: Plan): string {
  const { arenaBytes, parameterBytes, inputBytes, maxLiveBytes } = memory;
  const least =
    arenaBytes === maxLiveBytes
      ? "the least possible for this order"
      : `at least ${formatBytes(maxLiveBytes)}`;
  return `${steps.length} kernels a step. Parameters ${formatBytes(parameterBytes)}, inputs ${formatBytes(inputBytes)}, everything between them ${formatBytes(arenaBytes)}: ${least}.`;
}
