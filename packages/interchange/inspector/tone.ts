/** How nodes are lit. */

/** `plain` is a node in its own color. */
export type Tone = "plain" | "dim" | "live" | "running" | "near" | "chosen";

const colors: Readonly<Record<Exclude<Tone, "plain">, string>> = {
  dim: "#d9d9d9",
  live: "#e0a800",
  running: "#d1211c",
  near: "#2a8a3e",
  chosen: "#000000",
};

/** The color of a mark whose own color is `own`. */
export function toneColor(tone: Tone, own: string): string {
  return tone === "plain" ? own : colors[tone];
}

/** How much larger a mark is than in its own tone. */
export function toneSize(tone: Tone): number {
  return tone === "plain" || tone === "dim" ? 1 : 1.6;
}

/** Whether the name stands beside the mark however small that is. */
export function isTold(tone: Tone): boolean {
  return tone === "chosen" || tone === "running";
}

/** The tones of all nodes: those that are listed, and the rest. */
export interface Light {
  readonly tones: ReadonlyMap<string, Tone>;
  readonly rest: Tone;
}

export const daylight: Light = { tones: new Map(), rest: "plain" };

export function toneOf({ tones, rest }: Light, key: string): Tone {
  return tones.get(key) ?? rest;
}
