import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian and others put it; `$CHROMIUM` names another place. */
export const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const hasChromium = existsSync(chromiumPath);

/** Headless Chromium, with WebGPU on the CPU where there is no graphics card. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
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
