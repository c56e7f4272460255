import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { launchChromium, noChromium, testInChromium } from "../../../scripts/chromium.ts";
import type { Suite } from "./chromium/suite.ts";

const root = join(__dirname, "../../..");
/** Chromium's WebGPU in software takes tens of milliseconds for each new kernel: every eleventh is enough to see what differs from Node. */
const every = 11;

let browser: Browser;
let server: Server;

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, "chromium/suite.ts")],
    tsconfig: join(root, "tsconfig.json"),
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
};

beforeAll(async () => {
  if (noChromium !== undefined) return;
  const code = await bundle();
  server = createServer((request, response) => {
    const isCode = request.url === "/suite.js";
    response.setHeader("Content-Type", isCode ? "text/javascript" : "text/html");
    response.end(isCode ? code : '<!doctype html><script type="module" src="/suite.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

testInChromium(
  "runs kernels of every kind in Chromium as the reference does",
  async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => "suite" in globalThis);
    const outcome = await page.evaluate((n) => (globalThis as unknown as { suite: Suite }).suite.run(n), every);
    expect(outcome.failures).toEqual([]);
    expect(outcome.ran).toBeGreaterThan(150);
  },
  300_000,
);
