import { chromium } from "playwright";
import { preview } from "vite";

const server = await preview({
  root: "/work/browser/examples/browser",
  preview: { port: 4791 },
  logLevel: "error",
});
const url = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--enable-unsafe-webgpu"],
});
const kinds = (process.argv[2] ?? "desk-light,desk-dark,phone-light,phone-dark").split(",");
for (const kind of kinds) {
  const [w, scheme] = kind.split("-");
  const page = await browser.newPage({
    viewport: w === "desk" ? { width: 1280, height: 900 } : { width: 390, height: 844 },
    colorScheme: scheme,
    deviceScaleFactor: w === "desk" ? 1 : 2,
  });
  page.on("console", (m) => console.log(kind, m.type(), m.text()));
  page.on("pageerror", (e) => console.log(kind, "pageerror", e.message));
  await page.goto(url);
  await page.getByLabel("Epochs").fill("3");
  if (process.argv[3]) await page.selectOption("select", process.argv[3]);
  await page.screenshot({ path: `/tmp/shots/${kind}-idle.png`, fullPage: true });
  await page.getByRole("button", { name: "Train" }).click();
  await page
    .getByText(/Finished|Did not|wrong/)
    .first()
    .waitFor({ timeout: 120000 });
  await page.waitForTimeout(300);
  console.log(await page.getByRole("status").textContent(), await page.locator("#rate").textContent());
  await page.screenshot({ path: `/tmp/shots/${kind}.png`, fullPage: true });
  await page.close();
}
await browser.close();
await server.close();
process.exit(0);
