// A report's page as a reader opens it: a file without a network, by mouse, keyboard and screen reader, and on paper.
// Screenshots go to out/report.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  add,
  type Graph,
  graph,
  graphToJson,
  input,
  label,
  type Node,
  printGraph,
  sum,
  tanh,
} from "@adjoint/core";
import { report } from "@adjoint/interchange";
import { plan, planToJson, reference } from "@adjoint/scheduler";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textbook, transformer, withGradients } from "../../interchange/networks.js";
import { launch } from "./chromium.js";

const { target } = reference();
const pictures = fileURLToPath(new URL("../../../out/report", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "report-"));
const path = join(folder, "report.html");
const program = withGradients(textbook({ bias: true }));
const planned = plan(program, { target });

let browser: Browser;
let page: Page;
const complaints: string[] = [];
const requests: string[] = [];

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  writeFileSync(path, await report(program, planned, { target, budgets: 3 }));
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, offline: true });
  page = await context.newPage();
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path).href);
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Drops files on the inspector, as a mouse would. */
async function drop(files: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate((texts) => {
    const data = new DataTransfer();
    for (const [name, text] of Object.entries(texts)) data.items.add(new File([text], name));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("section.inspector")?.dispatchEvent(event);
  }, files);
}

async function textOf(selector: string): Promise<string> {
  return (await page.locator(selector).allInnerTexts()).join("\n");
}

const details = (): Promise<string> => textOf("#inspector-details");
const views = (): Promise<string[]> =>
  page.getByRole("combobox", { name: "show" }).locator("option").allInnerTexts();
const message = (): Promise<string> => textOf("#inspector-message");

/** What the picture looks like, in short. */
async function look(): Promise<string> {
  const picture = await page.locator("#inspector-canvas").screenshot();
  return createHash("sha256").update(picture).digest("hex");
}

async function search(name: string): Promise<void> {
  const box = page.getByRole("combobox", { name: "search" });
  await box.fill(name);
  await box.press("Enter");
}

describe("the page", () => {
  it("opens without a network, asks for nothing, and complains about nothing", async () => {
    expect(await page.title()).toBe("Report of J");
    expect(
      requests.filter(
        (url) => !url.startsWith("file:") && !url.startsWith("data:") && !url.startsWith("blob:"),
      ),
    ).toEqual([]);
    expect(complaints).toEqual([]);
    await page.screenshot({ path: join(pictures, "page.png"), fullPage: true });
  });

  it("has landmarks, headings in order, and names for pictures, tables and math", async () => {
    for (const role of ["banner", "navigation", "main"] as const)
      expect(await page.getByRole(role).count(), role).toBe(1);
    const levels = await page
      .locator("h1, h2, h3")
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [position, level] of levels.entries())
      expect(level - (levels[position - 1] ?? 1)).toBeLessThanOrEqual(1);
    const names = await page
      .locator("svg")
      .evaluateAll((all) => all.map((each) => each.getAttribute("aria-label") ?? ""));
    expect(names.length).toBeGreaterThan(4);
    expect(names).not.toContain("");
    const captions = await page
      .locator("table")
      .evaluateAll((all) => all.map((each) => each.querySelector("caption")?.textContent ?? ""));
    expect(captions).not.toContain("");
    const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of await page.getByRole("navigation").getByRole("link").all())
      expect(ids).toContain((await link.getAttribute("href"))?.slice(1));
  });

  it("shows mathematics: letters are bold, fractions have a height, columns are aligned", async () => {
    const math = page.locator(".math math").first();
    expect(await math.textContent()).toContain("𝐱");
    expect(await math.textContent()).toContain("ℝ");
    const box = await page.locator(".math mfrac").first().boundingBox();
    expect(box?.height).toBeGreaterThan(20);
    const cell = page.locator(".math mtd").nth(1);
    expect(await cell.evaluate((each) => getComputedStyle(each).textAlign)).toBe("left");
  });

  it("leads the keyboard from the first key to everything that scrolls or opens", async () => {
    await page.locator("body").press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    const reachable = await page.evaluate(() =>
      [...document.querySelectorAll(".wide, pre, summary, #inspector-canvas, #inspector-details")].every(
        (each) => each instanceof HTMLElement && each.tabIndex >= 0,
      ),
    );
    expect(reachable).toBe(true);
  });

  it("prints: nothing folded, nothing cut off, no controls", async () => {
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("section.inspector").isVisible()).toBe(false);
    expect(await page.locator("nav").isVisible()).toBe(false);
    // The width of A4 between its margins.
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.evaluate(() => {
      for (const folded of document.querySelectorAll("details")) folded.open = true;
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(718);
    await page.evaluate(() => {
      for (const open of document.querySelectorAll("details")) open.open = false;
    });
    await page.setViewportSize({ width: 1280, height: 1000 });
    await page.emulateMedia({ media: "screen" });
    const pdf = await page.pdf({ path: join(pictures, "page.pdf"), format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(await page.locator("details:not([open])").count()).toBe(0);
  });

  it("prints equations that are wider than paper small enough for it", async () => {
    const wide = await browser.newPage({ viewport: { width: 718, height: 1000 } });
    const network = transformer();
    const wideReport = await report(network, plan(network, { target }), { target, budgets: 0 });
    await wide.setContent(wideReport);
    await wide.emulateMedia({ media: "print" });
    const width = (): Promise<number> => wide.evaluate(() => document.documentElement.scrollWidth);
    await wide.evaluate(() => {
      for (const folded of document.querySelectorAll("details")) folded.open = true;
    });
    expect(await width()).toBeGreaterThan(718);
    await wide.evaluate(() => dispatchEvent(new Event("beforeprint")));
    expect(await width()).toBeLessThanOrEqual(718);
    await wide.close();
  });
});

describe("the inspector", () => {
  it("opens the report's program, and tells of a node what it is, its equations, buffer and lifetime", async () => {
    expect(await message()).toMatch(/^\d+ nodes and \d+ edges\.$/);
    await search("h");
    const text = await details();
    expect(text).toContain("h = tanh(z): float32[2, 4]");
    expect(text).toMatch(/equation\s/);
    expect(text).toMatch(/adjoint\s/);
    expect(text).toContain("∂");
    expect(text).toMatch(/\d+ B at byte \d+ of the arena/);
    expect(text).toMatch(/from step \d+ to step \d+/);
    await page.locator("section.inspector").screenshot({ path: join(pictures, "node.png") });
  });

  it("leads along edges by the panel's buttons", async () => {
    await search("h");
    await page.locator("#inspector-details").getByRole("button", { name: "z", exact: true }).press("Enter");
    expect(await page.locator("#inspector-details h3").textContent()).toBe("z");
  });

  it("finds nodes by part of a name, with arrows and Enter", async () => {
    const box = page.getByRole("combobox", { name: "search" });
    await box.fill("sum_");
    expect(await page.getByRole("listbox").getByRole("option").count()).toBeGreaterThan(1);
    await box.press("ArrowDown");
    await box.press("ArrowDown");
    const second = await page.getByRole("listbox").getByRole("option").nth(1).textContent();
    expect(await page.getByRole("listbox").getByRole("option").nth(1).getAttribute("aria-selected")).toBe(
      "true",
    );
    await box.press("Enter");
    expect(await page.locator("#inspector-details h3").textContent()).toBe(second);
    expect(await page.getByRole("listbox").isVisible()).toBe(false);
  });

  it("chooses what is clicked", async () => {
    await search("o");
    const canvas = page.locator("#inspector-canvas");
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error("the picture is on the page");
    await page.mouse.click(box.x + 3, box.y + box.height - 3);
    expect(await details()).toContain("Choose a node");
    await expect
      .poll(
        async () => {
          await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
          return page.locator("#inspector-details h3").allInnerTexts();
        },
        { timeout: 30_000, interval: 1000 },
      )
      .toEqual(["o"]);
  });

  it("moves and zooms by keys and buttons", async () => {
    const canvas = page.locator("#inspector-canvas");
    await canvas.press("0");
    await page.waitForTimeout(300);
    const whole = await look();
    for (const key of ["+", "ArrowRight", "ArrowDown"]) {
      const before = await look();
      await canvas.press(key);
      await expect.poll(look, { timeout: 20_000 }).not.toBe(before);
    }
    await canvas.press("0");
    await expect.poll(look, { timeout: 20_000 }).toBe(whole);
    await page.getByRole("button", { name: "zoom in" }).click();
    await expect.poll(look, { timeout: 20_000 }).not.toBe(whole);
  });

  it("steps through the schedule, and says what is live", async () => {
    const slider = page.getByRole("slider", { name: "Step of the schedule" });
    await slider.focus();
    await slider.press("Home");
    expect(await slider.getAttribute("aria-valuetext")).toMatch(
      /^Step 0 \(0 to \d+\), forward: h\. 1 value live/,
    );
    const before = await look();
    for (let step = 0; step < planned.memory.peakStep; step++) await slider.press("ArrowRight");
    const text = await slider.getAttribute("aria-valuetext");
    expect(text).toContain("(the peak)");
    // The peak of the plan is what the slider says there.
    expect(text).toContain(`${planned.memory.maxLiveBytes} B of ${planned.memory.arenaBytes} B`);
    expect(await page.locator("#inspector-live li").count()).toBeGreaterThan(2);
    expect(await page.locator(".arena span").count()).toBeGreaterThan(2);
    await expect.poll(look, { timeout: 20_000 }).not.toBe(before);
    await page.locator("section.inspector").screenshot({ path: join(pictures, "step.png") });
  });

  it("shows the plan's own steps", async () => {
    await page.getByRole("combobox", { name: "show" }).selectOption("steps");
    await search("step 0");
    expect(await details()).toMatch(/Step 0: h[\s\S]*writes\s+h/);
    await page.getByRole("combobox", { name: "show" }).selectOption("planned");
  });

  it("opens dropped files: a graph as JSON or text, which it plans on request, and a plan alone or with its graph", async () => {
    const other = graph({ outputs: { L: sum(label(tanh(input("u", [5])), "v")) } });
    for (const text of [JSON.stringify(graphToJson(other)), printGraph(other)]) {
      await drop({ "other.json": text });
      await expect.poll(message, { timeout: 20_000 }).toBe("3 nodes and 2 edges.");
      await search("v");
      expect(await details()).toContain("no plan is open");
    }
    await page.getByRole("combobox", { name: "show" }).selectOption("declared");
    await page.getByRole("button", { name: "Plan this graph" }).click();
    await search("v");
    expect(await details()).toMatch(/evaluated\s+in step 0/);
    await drop({ "plan.json": planToJson(planned) });
    await expect.poll(views).toEqual(["the steps of the plan"]);
    expect(await message()).toMatch(
      /The graph that was open is left out: the plan is of another graph, with "\S+"\.$/,
    );
    await drop({ "other.json": printGraph(other), "plan.json": planToJson(planned) });
    await expect.poll(message).toContain("other.json is left out: the plan is of another graph");
    await drop({ "other.json": printGraph(other), "program.json": printGraph(program) });
    await expect.poll(message).toContain("other.json is left out: one graph is shown, the last.");
    await drop({ "plan.json": planToJson(planned), "graph.json": JSON.stringify(graphToJson(program)) });
    await expect.poll(views).toHaveLength(3);
  });

  it("says what is wrong with a file, and keeps what is open", async () => {
    for (const [text, reason] of [
      ["", /^bad\.json: The file is empty\.$/],
      ["{", /^bad\.json: line 1, column 2: not JSON: the text ends too early/],
      ["\u0000\u0001PK", /^bad\.json: This is neither JSON nor the text of a graph\.$/],
      ['{"format": "onnx"}', /no file of Adjoint/],
      ['{"format": "adjoint.graph", "version": 1}', /nodes/],
      ["graph { x = nothing() }", /nothing/],
    ] as const) {
      await drop({ "bad.json": text });
      await expect.poll(message).toMatch(reason);
      await expect.poll(views).toHaveLength(3);
    }
  });

  it("stays when a file misses the inspector", async () => {
    const prevented = await page.evaluate(() =>
      ["dragover", "drop"].map((kind) => {
        const event = new DragEvent(kind, {
          dataTransfer: new DataTransfer(),
          bubbles: true,
          cancelable: true,
        });
        document.querySelector("h1")?.dispatchEvent(event);
        return event.defaultPrevented;
      }),
    );
    expect(prevented).toEqual([true, true]);
  });

  describe("with 10 000 nodes", () => {
    const canvas = () => page.locator("#inspector-canvas");
    const chosen = (): Promise<string[]> => page.locator("#inspector-details h3").allInnerTexts();

    /** The middle of the picture, and a corner of it where nothing is. */
    async function places(): Promise<Record<"middle" | "empty", { x: number; y: number }>> {
      await canvas().scrollIntoViewIfNeeded();
      const box = await canvas().boundingBox();
      if (box === null) throw new Error("the picture is on the page");
      return {
        middle: { x: box.x + box.width / 2, y: box.y + box.height / 2 },
        empty: { x: box.x + 3, y: box.y + 3 },
      };
    }

    /** One click: two at once would be a double click. */
    async function click({ x, y }: { x: number; y: number }): Promise<void> {
      await page.waitForTimeout(500);
      await page.mouse.click(x, y);
    }

    /** Clicks until a name is chosen: a view that has moved is drawn a moment later. */
    async function expectAt(place: { x: number; y: number }, name: string): Promise<void> {
      const { empty } = await places();
      await expect
        .poll(
          async () => {
            await click(empty);
            expect(await chosen()).toEqual([]);
            await click(place);
            return chosen();
          },
          { timeout: 30_000 },
        )
        .toEqual([name]);
    }

    it("opens them, finds a node, and shows it near", async () => {
      await drop({ "large.json": JSON.stringify(graphToJson(large(10_000))) });
      await expect.poll(message, { timeout: 60_000 }).toMatch(/^10,0\d\d nodes/);
      await page.screenshot({ path: join(pictures, "large.png") });
      await search("layer77.t3");
      expect(await chosen()).toEqual(["layer77.t3"]);
      await canvas().press("+");
      await expectAt((await places()).middle, "layer77.t3");
      await page.locator("section.inspector").screenshot({ path: join(pictures, "large-near.png") });
    });

    it("chooses what is clicked from afar, too, also after the view was dragged", async () => {
      const { middle } = await places();
      // Farther than Sigma draws: nodes are painted some seven pixels apart.
      for (let times = 0; times < 5; times++) await canvas().press("-");
      await expectAt(middle, "layer77.t3");
      await page.mouse.move(middle.x, middle.y);
      await page.mouse.down();
      await page.mouse.move(middle.x + 60, middle.y - 40, { steps: 12 });
      // Without the momentum of a view that is let go while it moves.
      await page.waitForTimeout(500);
      await page.mouse.up();
      await expectAt({ x: middle.x + 60, y: middle.y - 40 }, "layer77.t3");
    });

    it("steps through the schedule, near and far", async () => {
      await click((await places()).empty);
      await page.getByRole("button", { name: "Plan this graph" }).click();
      const slider = page.getByRole("slider", { name: "Step of the schedule" });
      await expect.poll(() => slider.isVisible(), { timeout: 60_000 }).toBe(true);
      for (const zooms of [0, 11]) {
        await canvas().press("0");
        for (let times = 0; times < zooms; times++) await canvas().press("+");
        await page.waitForTimeout(500);
        await slider.focus();
        await slider.press("End");
        for (let step = 0; step < 3; step++) {
          const before = await look();
          await slider.fill(String(2499 - 20 * step));
          await expect.poll(look, { timeout: 20_000 }).not.toBe(before);
        }
      }
      await page.locator("section.inspector").screenshot({ path: join(pictures, "large-step.png") });
      expect(complaints).toEqual([]);
    });
  });
});

/** Layers of ten chains each, that mix between layers. */
function large(size: number): Graph {
  const width = 10;
  let values: Node[] = Array.from({ length: width }, (_, i) => input(`x${i}`, [4]));
  for (let layer = 0; layer < size / (2 * width); layer++) {
    const mixed = values.map((value, i) => add(value, values[(i + 1 + (layer % 3)) % width] ?? value));
    values = mixed.map((value, i) => label(tanh(value), `layer${layer}.t${i}`));
  }
  return graph({ outputs: Object.fromEntries(values.map((value, i) => [`y${i}`, value])) });
}
