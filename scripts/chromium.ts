import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian puts Chromium; `$CHROMIUM` names another place. */
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why there are no tests in a browser here; undefined where there are. */
export const noChromium: string | undefined = existsSync(executablePath)
  ? undefined
  : `no Chromium at ${executablePath}: install it, or name it in CHROMIUM`;

/** Headless Chromium, with WebGPU in software where there is no graphics card. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      "--headless=new",
      "--no-sandbox",
      "--enable-unsafe-webgpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** `test`, or a skip with the reason where there is no Chromium. */
export const testInChromium = (name: string, body: () => Promise<void>, milliseconds: number): void => {
  if (noChromium === undefined) test(name, body, milliseconds);
  else test.skip(`${name}: ${noChromium}`, body);
};
