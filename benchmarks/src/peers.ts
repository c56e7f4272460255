import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Case, Result } from "./measure.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "peers");

interface Peer {
  readonly name: string;
  readonly device: string;
  readonly threads: number;
  readonly command: readonly string[];
}

interface PeerLine {
  readonly case: string;
  readonly ms?: number;
  readonly repeats?: number;
  readonly error?: string;
}

/** The Python that has torch, if there is one. */
const pythonWithTorch = (): string | undefined =>
  ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import torch"]).status === 0);

const peersOf = (threads: number): Peer[] => {
  const node = (script: string, ...args: string[]): string[] => [process.execPath, join(folder, script), ...args];
  const python = pythonWithTorch();
  return [
    { name: "tfjs-wasm", device: "wasm", threads: 1, command: node("tfjs_peer.mjs", "wasm", String(threads)) },
    { name: "tfjs-cpu", device: "cpu", threads: 1, command: node("tfjs_peer.mjs", "cpu", "1") },
    { name: "jax-js", device: "wasm", threads: 1, command: node("jax_peer.mjs", "1") },
    ...(python === undefined
      ? []
      : [
          {
            name: "pytorch",
            device: "cpu",
            threads,
            command: [python, join(folder, "torch_peer.py"), String(threads)],
          },
        ]),
  ];
};

/** Installs the JavaScript peers where they are missing: they belong to the benchmarks only. */
const install = (): void => {
  if (existsSync(join(folder, "node_modules"))) return;
  console.log("Installing the peers into benchmarks/peers ...");
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("npm install failed in benchmarks/peers");
};

/** Settings that halve a peer's speed must not leak into it. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OPENBLAS|MKL|OMP|NVPL)_/.test(name)));

/** Longest that one peer may take for one case, warm-up and compilation included. */
const limitMs = 120_000;

const runOne = (peer: Peer, name: string): Promise<PeerLine> =>
  new Promise((resolve) => {
    const [program, ...args] = peer.command as [string, ...string[]];
    const child = spawn(program, [...args, name], { env: environment(), stdio: ["ignore", "pipe", "ignore"] });
    let line: PeerLine = { case: name, error: "gave no result" };
    const timer = setTimeout(() => {
      line = { case: name, error: `took longer than ${limitMs / 1000} s` };
      child.kill("SIGKILL");
    }, limitMs);
    createInterface({ input: child.stdout }).on("line", (text) => {
      if (text.startsWith("{")) line = JSON.parse(text) as PeerLine;
    });
    child.on("close", () => {
      clearTimeout(timer);
      resolve(line);
    });
  });

/** Runs the cases on every peer, each in a process of its own, one after the other. */
export const runPeers = async (
  cases: readonly Case[],
  threads: number,
  show: (result: Result) => void,
): Promise<void> => {
  install();
  for (const peer of peersOf(threads)) {
    for (const { name, work, scale, unit } of cases) {
      const { ms, repeats, error } = await runOne(peer, name);
      if (ms === undefined || repeats === undefined) {
        console.log(`${name.padEnd(20)} ${peer.name.padEnd(14)} no figure: ${error}`);
        continue;
      }
      const value = work / (ms / 1000) / scale;
      show({ case: name, peer: peer.name, device: peer.device, threads: peer.threads, ms, value, unit, repeats });
    }
  }
};
