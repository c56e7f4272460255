import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchChromium, noChromium, testInChromium } from "../../../scripts/chromium.ts";
import { openSite, type Site } from "./support/site.ts";

const artifacts = join(__dirname, "../artifacts");

let site: Site;
let browser: Browser;

beforeAll(async () => {
  if (noChromium !== undefined) return;
  mkdirSync(artifacts, { recursive: true });
  [site, browser] = await Promise.all([openSite(), launchChromium()]);
}, 60_000);

afterAll(async () => {
  site?.close();
  await browser?.close();
});

/** The longest time in milliseconds in which the page did nothing that it was asked to. */
interface Watched {
  longestGap: number;
}

/** Opens the page and watches whether it freezes; `problems` are errors in its console. */
const open = async (query: string, isolated = true): Promise<{ page: Page; problems: string[] }> => {
  const page = await browser.newPage({ viewport: { width: 1180, height: 1000 } });
  const problems: string[] = [];
  page.on("pageerror", ({ message }) => problems.push(message));
  page.on("crash", () => problems.push("the page crashed"));
  await page.addInitScript(() => {
    const watched = globalThis as unknown as Watched;
    watched.longestGap = 0;
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      watched.longestGap = Math.max(watched.longestGap, now - last);
      last = now;
    }, 20);
  });
  if (!isolated) {
    await page.route(/\?device/, async (route) => {
      const response = await route.fetch();
      const { "cross-origin-opener-policy": _, "cross-origin-embedder-policy": __, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
  }
  await page.goto(site.url + query);
  return { page, problems };
};

const text = async (page: Page, id: string): Promise<string> => (await page.textContent(`#${id}`)) ?? "";
const number = async (page: Page, id: string): Promise<number> =>
  Number.parseFloat((await text(page, id)).replaceAll(",", ""));

const inState = async (page: Page, state: string): Promise<void> => {
  const states = [state, "failed"].map((each) => `#state[data-state="${each}"]`);
  await page.waitForSelector(states.join(","), { timeout: 150_000 });
  expect(await text(page, "error")).toBe("");
};
const beyondStep = (page: Page, step: number) =>
  page.waitForFunction((least) => Number(document.getElementById("step")?.textContent) > least, step, {
    timeout: 60_000,
  });
const saying = (page: Page, answer: string) =>
  page.waitForFunction((start) => document.getElementById("answer")?.textContent?.startsWith(start), answer);

/** Draws with the mouse; points from 0 to 1. */
const drawStroke = async (page: Page, [first = [0, 0], ...rest]: readonly (readonly [number, number])[]) => {
  await page.locator("#pad").scrollIntoViewIfNeeded();
  const box = await page.locator("#pad").boundingBox();
  if (box === null) throw new Error("the canvas is not on the page");
  const place = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...place(first));
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...place(point), { steps: 4 });
  await page.mouse.up();
};

const one = [
  [0.38, 0.3],
  [0.52, 0.15],
  [0.5, 0.85],
] as const;

describe.each([
  {
    device: "cpu",
    name: "CPU",
    detail: /^WebAssembly SIMD, \d+ threads?$/,
    work: "epochs=2&batch=32&samples=2000",
    gates: { loss: 0.5, tested: 85, right: 7 },
  },
  // Slow: Chromium draws and computes on the CPU here.
  {
    device: "webgpu",
    name: "WebGPU",
    detail: /./,
    work: "epochs=1&batch=16&samples=960",
    gates: { loss: 1.2, tested: 70, right: 6 },
  },
])("on $device", ({ device, name, detail, work, gates }) => {
  testInChromium(
    "learns drawn digits, pauses, answers, and never freezes",
    async () => {
      const { page, problems } = await open(`?device=${device}&${work}`);
      await inState(page, "training");
      expect(await text(page, "device")).toBe(name);
      expect(await text(page, "device-detail")).toMatch(detail);
      expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
      // The worker itself, and one more for each further thread; Playwright hears of them a little later than the page.
      const threads = Number(/(\d+) thread/.exec(await text(page, "device-detail"))?.[1] ?? 1);
      while (page.workers().length < threads) await page.waitForEvent("worker");
      expect(page.workers()).toHaveLength(threads);
      expect(await page.locator("#predictions tr").count()).toBe(10);

      await beyondStep(page, 5);
      await page.click("#pause");
      await inState(page, "paused");
      const step = await number(page, "step");
      await drawStroke(page, one);
      await saying(page, "a ");
      await page.waitForTimeout(500);
      expect(await number(page, "step")).toBe(step);
      await page.click("#pause");
      await beyondStep(page, step);

      // While it trains, a question to the page is answered at once.
      const asked = performance.now();
      await page.evaluate(() => document.title);
      expect(performance.now() - asked).toBeLessThan(1000);

      await inState(page, "finished");
      expect(await number(page, "loss")).toBeLessThan(gates.loss);
      expect(await number(page, "accuracy")).toBeGreaterThan(gates.tested - 15);
      expect(await number(page, "tested")).toBeGreaterThan(gates.tested);
      expect(await page.locator('#predictions tr[data-right="true"]').count()).toBeGreaterThanOrEqual(gates.right);

      await page.click("#clear");
      await saying(page, "nothing yet");
      await drawStroke(page, one);
      await saying(page, "a 1");
      const shares = (await page.locator("#bars li").allTextContents()).map((row) => Number.parseFloat(row.slice(1)));
      expect(shares).toHaveLength(10);
      expect(shares.indexOf(Math.max(...shares))).toBe(1);

      const gap = await page.evaluate(() => (globalThis as unknown as Watched).longestGap);
      expect(gap).toBeLessThan(1000);
      await page.screenshot({ path: join(artifacts, `${device}.png`), fullPage: true });
      expect(problems).toEqual([]);
      await page.close();
    },
    200_000,
  );
});

testInChromium(
  "trains on one thread where the page is not isolated",
  async () => {
    const { page, problems } = await open("?device=cpu&epochs=1&batch=32&samples=640", false);
    await inState(page, "finished");
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false);
    expect(await text(page, "device-detail")).toMatch(/, 1 thread \(the page is not cross-origin isolated\)$/);
    expect(await number(page, "step")).toBe(20);
    expect(await number(page, "loss")).toBeLessThan(2.2);

    const labels = () => page.locator("#predictions td:nth-child(2)").allTextContents();
    const before = await labels();
    await page.click("#sample");
    await page.waitForFunction(
      (old) =>
        [...document.querySelectorAll("#predictions td:nth-child(2)")].some((cell, i) => cell.textContent !== old[i]),
      before,
    );
    await page.click("#restart");
    await inState(page, "loading");
    expect(await text(page, "step")).toBe("0");
    await inState(page, "finished");
    expect(problems).toEqual([]);
    await page.close();
  },
  120_000,
);
