// The example page as a visitor meets it: built, served, and used in Chromium. Screenshots go to out/page.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { drawDigits } from "examples/textbook-mlp/digits.js";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { type PreviewServer, preview } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launch } from "./chromium.js";
import { idxFiles } from "./idx.js";

const root = fileURLToPath(new URL("../../../examples/browser", import.meta.url));
const pictures = fileURLToPath(new URL("../../../out/page", import.meta.url));
const outDir = mkdtempSync(join(tmpdir(), "page-"));

/** Milliseconds that a step of a visit may take on a busy machine. */
const patience = 100_000;

const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

let printed: string;
let server: PreviewServer;
let browser: Browser;

/** Builds the page by its package's script, in an environment that knows nothing of this test. */
function build(): string {
  const { PATH, HOME } = process.env;
  const args = ["run", "build", "--", "--outDir", outDir, "--emptyOutDir"];
  const { stdout, stderr, status } = spawnSync("npm", args, {
    cwd: root,
    env: { PATH, HOME },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return `${stdout}\n${stderr}`;
}

beforeAll(async () => {
  printed = build();
  server = await preview({ root, build: { outDir }, preview: { port: 0 }, logLevel: "error" });
  browser = await launch();
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(outDir, { recursive: true, force: true });
});

/** The page, and everything it complains about in the console. */
async function visit(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(patience);
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  return { page, complaints };
}

const status = (page: Page, text: string | RegExp) =>
  page.getByRole("status").filter({ hasText: text }).waitFor();
const figure = async (page: Page, id: string): Promise<number> =>
  Number.parseFloat(((await page.locator(id).textContent()) ?? "").replaceAll(/[^\d.]/g, ""));

/** Waits until the page has done so many steps more. */
async function moreSteps(page: Page, count: number): Promise<void> {
  const done = ({ least }: { least: number }) => {
    const about = document.querySelector("#chart")?.getAttribute("aria-label") ?? "";
    const steps = Number(/(\d+) steps/.exec(about)?.[1] ?? 0);
    return steps >= least ? steps : false;
  };
  const begun = await page.waitForFunction(done, { least: 1 });
  await page.waitForFunction(done, { least: Number(await begun.jsonValue()) + count });
}

describe("the bundle", () => {
  it("is made without a warning and holds nothing of Node", () => {
    expect(printed).toMatch(/built in/);
    expect(printed).not.toMatch(/externalized|warning/i);
    const scripts = readdirSync(join(outDir, "assets")).filter((name) => name.endsWith(".js"));
    expect(scripts.map((name) => name.split("-")[0]).sort()).toEqual(["index", "worker"]);
    for (const name of scripts) {
      expect(readFileSync(join(outDir, "assets", name), "utf8")).not.toMatch(
        /\b(from|import)\s*\(?["'`]node:/,
      );
    }
  });

  it("is small: the page and the library together, before compression", () => {
    const files = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const bytes = files.map((file) => statSync(join(file.parentPath, file.name)).size);
    const total = bytes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(800_000);
  });
});

describe("the page", () => {
  it("trains, and shows loss, accuracy, rate, backend, memory and digits", async () => {
    const { page, complaints } = await visit({ ...desk, colorScheme: "light" });
    await page.getByLabel("Epochs").fill("2");
    await page.getByLabel("Run on").selectOption("cpu");
    await page.getByRole("button", { name: "Train" }).click();
    await status(page, "Finished after 2 epochs.");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await figure(page, "#accuracy")).toBeGreaterThan(90);
    expect(await figure(page, "#loss")).toBeLessThan(0.5);
    expect(await figure(page, "#rate")).toBeGreaterThan(0);
    expect(await page.locator("#backend").textContent()).toMatch(/cpu/i);
    expect(await page.locator("#chart").getAttribute("aria-label")).toMatch(
      /^The loss went .* in 500 steps\.$/,
    );
    expect(await page.locator("#memory svg[aria-label^='Arena']").count()).toBe(1);
    expect(await page.locator("#samples canvas").count()).toBe(24);
    await page.screenshot({ path: join(pictures, "desk.png"), fullPage: true });
    expect(complaints).toEqual([]);
  });

  it("trains on the GPU, and goes on when that is lost", async () => {
    const { page, complaints } = await visit({ ...desk, colorScheme: "light" });
    await page.getByLabel("Hidden").fill("16");
    await page.getByLabel("Batch").fill("16");
    await page.getByRole("button", { name: "Train" }).click();
    await moreSteps(page, 4);
    expect(await page.locator("#backend").textContent()).toBe("GPU");
    expect(await page.locator("#detail").textContent()).toMatch(/WebGPU \w+/);
    expect(await page.locator("#note").isVisible()).toBe(false);
    await page.screenshot({ path: join(pictures, "gpu.png"), fullPage: true });

    const devtools = await browser.newBrowserCDPSession();
    await devtools.send("Browser.crashGpuProcess");
    await page.getByText(/The GPU was lost and replaced/).waitFor();
    await moreSteps(page, 3);
    await page.getByRole("button", { name: "Stop" }).click();
    await status(page, /^Stopped after/);
    expect(await figure(page, "#loss")).toBeGreaterThan(0);
    expect(complaints.filter((text) => !/lost|external Instance/i.test(text))).toEqual([]);
  });

  it("falls back to the CPU where there is no GPU, and says why", async () => {
    const without = await launch(["--no-sandbox", "--disable-gpu"]);
    const page = await without.newPage(phone);
    page.setDefaultTimeout(patience);
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await page.getByLabel("Epochs").fill("1");
    await page.getByRole("button", { name: "Train" }).click();
    await status(page, "Finished after 1 epoch.");
    expect(await page.locator("#backend").textContent()).toBe("CPU");
    expect(await page.locator("#note").textContent()).toMatch(/^Not on the GPU: .{20}/);
    await page.screenshot({ path: join(pictures, "fallback.png"), fullPage: true });
    await without.close();
  });

  it("stops when asked to, and starts afresh", async () => {
    const { page, complaints } = await visit({ ...phone, colorScheme: "dark" });
    await page.getByLabel("Batch").fill("1");
    await page.getByLabel("Run on").selectOption("cpu");
    await page.getByRole("button", { name: "Train" }).click();
    await moreSteps(page, 2500);
    await page.getByRole("button", { name: "Stop" }).click();
    await status(page, /^Stopped after [\d\s]+ steps\.$/);
    const stopped = await page.getByRole("status").textContent();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.screenshot({ path: join(pictures, "phone.png"), fullPage: true });
    await page.waitForTimeout(300);
    expect(await page.getByRole("status").textContent()).toBe(stopped);
    await page.getByLabel("Batch").fill("64");
    await page.getByLabel("Epochs").fill("1");
    await page.getByRole("button", { name: "Train" }).click();
    await status(page, "Finished after 1 epoch.");
    expect(await page.locator("#chart").getAttribute("aria-label")).toMatch(/ in 125 steps\.$/);
    expect(complaints).toEqual([]);
  });

  it("trains on IDX files, and says what is wrong with damaged ones", async () => {
    const { page, complaints } = await visit(desk);
    const [images, labels] = idxFiles(drawDigits({ count: 500, seed: 3 }));
    await page.getByLabel("Epochs").fill("1");
    await page.getByLabel("Run on").selectOption("cpu");
    const choose = (chosen: readonly (typeof images)[]) =>
      page.getByLabel("Choose IDX files").setInputFiles([...chosen]);
    const train = page.getByRole("button", { name: "Train" });

    await choose([images, labels]);
    await page.getByText(`Trains on ${images.name}, ${labels.name}.`).waitFor();
    await train.click();
    await status(page, "Finished after 1 epoch.");
    expect(await page.locator("#chart").getAttribute("aria-label")).toMatch(/ in 12 steps\.$/);

    const problem = page.getByRole("alert");
    const mistakes: readonly (readonly [readonly (typeof images)[], RegExp])[] = [
      [[images, { ...labels, buffer: labels.buffer.subarray(0, 40) }], /idx1-ubyte, byte 40: truncated/],
      [[labels], /t10k-images-idx3-ubyte: does not exist/],
      [[{ ...images, buffer: images.buffer.subarray(0, 99) }, labels], /\.gz: cannot be read or unpacked/],
      [[{ ...images, name: "photo.png" }], /the chosen files: holds no digits/],
    ];
    for (const [chosen, message] of mistakes) {
      await choose(chosen);
      await train.click();
      await problem.filter({ hasText: message }).waitFor();
      await status(page, "Did not finish.");
    }
    await page.getByRole("button", { name: "Use drawn digits" }).click();
    await page.getByLabel("Learning rate").fill("100000");
    await train.click();
    await problem.filter({ hasText: "a smaller learning rate helps" }).waitFor();
    await status(page, "Finished after 1 epoch.");
    await page.getByLabel("Learning rate").fill("0.5");
    await page.getByLabel("Batch").fill("4096");
    await page.getByLabel("Hidden").fill("8");
    await train.click();
    await status(page, "Finished after 1 epoch.");
    expect(await problem.isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it("trains where pages share no memory", async () => {
    const context = await browser.newContext(desk);
    await context.route("**/*", async (route) => {
      const response = await route.fetch();
      const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith("cross-origin"));
      await route.fulfill({ response, headers: Object.fromEntries(headers) });
    });
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.getByLabel("Epochs").fill("1");
    await page.getByLabel("Run on").selectOption("cpu");
    await page.getByRole("button", { name: "Train" }).click();
    await status(page, "Finished after 1 epoch.");
    expect(await figure(page, "#accuracy")).toBeGreaterThan(80);
  });
});
