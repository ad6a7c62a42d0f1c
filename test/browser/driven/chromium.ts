// A browser that a test in Node drives.

import process from "node:process";
import { type Browser, chromium } from "playwright";

/** What Chromium is started with, by `vitest.browser.config.ts` too: a software WebGPU that tests may crash repeatedly. */
export const launchOptions = {
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--enable-unsafe-webgpu",
    "--disable-gpu-process-crash-limit",
    "--disable-domain-blocking-for-3d-apis",
    // SwiftShader compiles much longer without it.
    "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension",
  ],
};

/** Starts the browser, with other arguments where they are given. */
export function launch(args: readonly string[] = launchOptions.args): Promise<Browser> {
  return chromium.launch({ ...launchOptions, args: [...args] });
}
