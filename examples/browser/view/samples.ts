// Test digits with what the network takes them for; the wrong ones are marked by shape and word, not by color alone.

import { side } from "examples/textbook-mlp/dataset.js";
import type { Sample } from "../messages.js";
import { element } from "./page.js";

/** Shows the digits in place of those before. */
export function showSamples(samples: readonly Sample[]): void {
  element("samples", HTMLOListElement).replaceChildren(...samples.map(item));
}

function item({ gray, label, found }: Sample): HTMLLIElement {
  const right = found === label;
  const row = document.createElement("li");
  row.className = right ? "right" : "wrong";
  const text = document.createElement("span");
  text.textContent = right ? `${found}` : `${found} ✗`;
  row.title = right ? `a ${label}` : `a ${label}, taken for ${found}`;
  const frame = document.createElement("span");
  frame.className = "frame";
  frame.append(picture(gray, row.title));
  row.append(frame, text);
  return row;
}

function picture(gray: Uint8ClampedArray, about: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", about);
  const image = new ImageData(side, side);
  for (const [i, value] of gray.entries()) {
    image.data.fill(255 - value, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}
