import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const example = join(__dirname, "../..");
const vite = join(dirname(require.resolve("vite/package.json")), "bin/vite.js");

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const answers = async (url: string, server: ChildProcess): Promise<void> => {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`vite preview ended with code ${server.exitCode}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};

/** A built page on a server of its own. */
export interface Site {
  readonly url: string;
  close(): void;
}

/** Builds the example with Vite and serves it with `vite preview`, without MNIST's files. */
export const openSite = async (): Promise<Site> => {
  const folder = mkdtempSync(join(tmpdir(), "browser-mnist-"));
  // No NODE_ENV of the test runner, and no data of the developer's.
  const { NODE_ENV: _, GRADLOOM_DATA: __, ...env } = process.env;
  const options = { cwd: example, env, encoding: "utf8" } as const;
  const outDir = ["--outDir", folder];
  const built = spawnSync(process.execPath, [vite, "build", ...outDir, "--emptyOutDir"], options);
  if (built.status !== 0) throw new Error(`vite build failed:\n${built.stdout}\n${built.stderr}`);
  const port = await freePort();
  const address = ["--host", "127.0.0.1", "--port", `${port}`, "--strictPort"];
  const server = spawn(process.execPath, [vite, "preview", ...outDir, ...address], { ...options, stdio: "ignore" });
  const close = (): void => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/`;
  try {
    await answers(url, server);
  } catch (error) {
    close();
    throw error;
  }
  return { url, close };
};
