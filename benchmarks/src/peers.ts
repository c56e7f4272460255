import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Measured, Sampling } from "./measure.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "peers");

/** Another library; it runs with each number of threads, and the fastest counts. */
export interface Peer {
  readonly name: string;
  readonly device: string;
  readonly threads: readonly number[];
  readonly command: (threads: number) => readonly string[];
}

/** What a peer measured of one case. */
type PeerResult = Measured & { readonly version?: string };

/** The Python that has torch, if there is one. */
const pythonWithTorch = (): string | undefined =>
  ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import torch"]).status === 0);

/** The peers of a device of ours: those that run on the same hardware. */
export const peersOf = (device: string, threads: number): Peer[] => {
  const node = (script: string, ...args: (string | number)[]): string[] => [
    process.execPath,
    join(folder, script),
    ...args.map(String),
  ];
  // Small steps of some peers are slower on many threads than on one.
  const each = [...new Set([1, threads])];
  if (device === "webgpu") {
    return [
      { name: "tfjs-webgpu", device, threads: [0], command: () => node("tfjs_webgpu_peer.mjs") },
      { name: "jax-js-webgpu", device, threads: [0], command: () => node("jax_peer.mjs", "webgpu", 1) },
    ];
  }
  if (device !== "cpu") return [];
  const python = pythonWithTorch();
  return [
    { name: "tfjs-wasm", device: "wasm", threads: [1], command: () => node("tfjs_peer.mjs", "wasm", threads) },
    { name: "tfjs-cpu", device: "cpu", threads: [1], command: () => node("tfjs_peer.mjs", "cpu", 1) },
    { name: "jax-js", device: "wasm", threads: each, command: (used) => node("jax_peer.mjs", "wasm", used) },
    ...(python === undefined
      ? []
      : [
          {
            name: "pytorch",
            device: "cpu",
            threads: each,
            command: (used: number) => [python, join(folder, "torch_peer.py"), String(used)],
          },
        ]),
  ];
};

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifest = (...path: string[]): Manifest => {
  const file = join(folder, ...path, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : {};
};

/** Installs the JavaScript peers where one is missing or of another version: they belong to the benchmarks only. */
export const installPeers = (): void => {
  const wanted = Object.entries(manifest().dependencies ?? {});
  if (wanted.every(([name, version]) => manifest("node_modules", name).version === version)) return;
  console.log("Installing the peers into benchmarks/peers ...");
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("npm install failed in benchmarks/peers");
};

/** Settings that halve a peer's speed must not leak into it. */
const environment = (sampling: Sampling): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OPENBLAS|MKL|OMP|NVPL)_/.test(name))),
  SAMPLING: JSON.stringify(sampling),
});

/** Longest that one peer may take for one case, warm-up and compilation included. */
const limitMs = 300_000;

const runOnce = (command: readonly string[], name: string, sampling: Sampling): Promise<PeerResult> =>
  new Promise((resolve, reject) => {
    const [program, ...args] = command as [string, ...string[]];
    const child = spawn(program, [...args, name], { env: environment(sampling), stdio: ["ignore", "pipe", "ignore"] });
    let line: PeerResult | { readonly error: string } = { error: "gave no result" };
    const timer = setTimeout(() => {
      line = { error: `took longer than ${limitMs / 1000} s` };
      child.kill("SIGKILL");
    }, limitMs);
    createInterface({ input: child.stdout }).on("line", (text) => {
      if (text.startsWith("{")) line = JSON.parse(text) as typeof line;
    });
    child.on("close", () => {
      clearTimeout(timer);
      if ("error" in line) reject(new Error(line.error));
      else resolve(line);
    });
  });

/** One case on a peer, in a process of its own for each number of threads: the fastest, or why there is none. */
export const runPeer = async (
  peer: Peer,
  name: string,
  sampling: Sampling,
): Promise<PeerResult & { readonly threads: number }> => {
  const results: (PeerResult & { readonly threads: number })[] = [];
  let reason: unknown;
  for (const threads of peer.threads) {
    try {
      results.push({ ...(await runOnce(peer.command(threads), name, sampling)), threads });
    } catch (error) {
      reason ??= error;
    }
  }
  const [fastest] = results.sort((a, b) => a.ms - b.ms);
  if (fastest === undefined) throw reason;
  return fastest;
};
