// A browser that a test in Node drives.

import process from "node:process";
import { type Browser, chromium } from "playwright";

/** Starts Chromium with a software WebGPU, as `vitest.browser.config.ts` does for pages of tests. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--enable-unsafe-webgpu"],
  });
}
