import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { createCpuBackend } from "@gradloom/backend-cpu";
import type { Device, DeviceName } from "@gradloom/tensor";
import { profile, useDevice } from "@gradloom/tensor";
import { fitCases } from "./cases/fit.ts";
import { microCases } from "./cases/micro.ts";
import { overheadCases } from "./cases/overhead.ts";
import { peakCases } from "./cases/peak.ts";
import { trainingCases } from "./cases/training.ts";
import type { Contestant } from "./contest.ts";
import { contest } from "./contest.ts";
import type { Case, Counters, Result, Run, Sampling } from "./measure.ts";
import { measure, quick, thorough } from "./measure.ts";
import type { Peer } from "./peers.ts";
import { installPeers, peersOf, runPeer } from "./peers.ts";
import { noFigure, ratios, reasonOf, row } from "./report.ts";

const all = [...peakCases, ...microCases, ...trainingCases, ...fitCases, ...overheadCases];

const usage = `Times kernels and training steps.

  --cases A,B      only these (default: all); see --list
  --device A,B     cpu, webgpu or reference (default: cpu; with --peers, cpu and webgpu where it can be opened)
  --threads N      threads of the CPU device (default: all cores)
  --peers          the same cases on TensorFlow.js, jax-js and, where python3 has torch, PyTorch, in turn with ours
  --rounds N       everything N times in turn; the median counts (default: 1)
  --quick          fewer and shorter samples
  --json FILE      one JSON line per result
  --profile        kernel by kernel instead
  --list           names of the cases`;

const { values } = parseArgs({
  options: {
    cases: { type: "string" },
    device: { type: "string" },
    threads: { type: "string", default: String(availableParallelism()) },
    peers: { type: "boolean", default: false },
    rounds: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    profile: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (values.list) {
  console.log(all.map(({ name }) => name).join("\n"));
  process.exit(0);
}

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};
const wholeNumber = (option: "threads" | "rounds"): number => {
  const n = Number(values[option]);
  return Number.isInteger(n) && n >= 1 ? n : fail(`--${option} takes a whole number >= 1, got ${values[option]}`);
};
const names = values.cases?.split(",");
for (const name of names ?? [])
  if (!all.some((entry) => entry.name === name))
    fail(`There is no case "${name}"; the cases are ${all.map((entry) => entry.name).join(", ")}.`);
const chosen = all.filter(({ name }) => names === undefined || names.includes(name));
const [threads, rounds] = [wholeNumber("threads"), wholeNumber("rounds")];
const sampling: Sampling = values.quick ? quick : thorough;
const results: Result[] = [];

/** We on a device, as we run one case. */
const ours = async (entry: Case, device: Device): Promise<Contestant & { run: Run }> => {
  const { name, unit, scale } = entry;
  const run = await entry.prepare();
  await run();
  const counters = (): Counters | undefined => device.backend.counters && { ...device.backend.counters };
  const used = device.name === "cpu" ? threads : 0;
  const once = async (): Promise<Result> => {
    const measured = await measure(run, sampling, counters);
    const value = (run.work ?? entry.work) / (measured.ms / 1000) / scale;
    return { case: name, peer: "gradloom", device: device.name, threads: used, ...measured, value, unit };
  };
  return { name: "gradloom", once, run };
};

const theirs = ({ name, unit, work, scale }: Case, peer: Peer): Contestant => ({
  name: peer.name,
  once: async () => {
    const measured = await runPeer(peer, name, sampling);
    const value = work / (measured.ms / 1000) / scale;
    return { case: name, peer: peer.name, device: peer.device, ...measured, value, unit };
  },
});

const runDevice = async (device: Device): Promise<void> => {
  const peers = values.peers ? peersOf(device.name, threads) : [];
  const here: Result[] = [];
  for (const entry of chosen) {
    if (entry.only !== undefined && entry.only.device !== device.name) {
      console.log(`${entry.name.padEnd(20)} skipped on ${device.name}: ${entry.only.because}`);
      continue;
    }
    const contestants = entry.alone ? [] : peers.map((peer) => theirs(entry, peer));
    let run: Run | undefined;
    try {
      const own = await ours(entry, device);
      run = own.run;
      contestants.unshift(own);
      if (values.profile) {
        await run();
        console.log(`${entry.name}\n${String(await profile(run, device))}`);
        continue;
      }
    } catch (error) {
      console.log(noFigure(entry.name, "gradloom", error));
    }
    for (const result of await contest(entry.name, contestants, rounds)) {
      here.push(result);
      console.log(row(result));
    }
    if (run?.note !== undefined) console.log(`  ${run.note()}`);
  }
  results.push(...here);
  if (peers.length > 0) console.log(`\n${ratios(here)}\n`);
};

if (values.peers) installPeers();
const devices = values.device?.split(",") ?? (values.peers ? ["cpu", "webgpu"] : ["cpu"]);
for (const name of devices) {
  let device: Device;
  try {
    device = await useDevice(name === "cpu" ? createCpuBackend({ threads }) : (name as DeviceName));
  } catch (error) {
    if (values.device !== undefined) fail(reasonOf(error));
    console.log(`no figures on ${name}: ${reasonOf(error)}`);
    continue;
  }
  await runDevice(device);
  device.backend.dispose();
}
if (values.json !== undefined)
  writeFileSync(values.json, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
