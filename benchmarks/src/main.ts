import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createCpuBackend } from "@gradloom/backend-cpu";
import type { DeviceName } from "@gradloom/tensor";
import { profile, useDevice } from "@gradloom/tensor";
import { microCases } from "./cases/micro.ts";
import { overheadCases } from "./cases/overhead.ts";
import { peakCases } from "./cases/peak.ts";
import { trainingCases } from "./cases/training.ts";
import type { Result } from "./measure.ts";
import { measure } from "./measure.ts";
import { runPeers } from "./peers.ts";

const all = [...peakCases, ...microCases, ...trainingCases, ...overheadCases];

const usage = `Times kernels and training steps.

  --cases A,B      only these (default: all); see --list
  --threads N      threads of the CPU device (default: all cores)
  --device NAME    cpu or reference (default: cpu)
  --peers          the same cases on TensorFlow.js, jax-js and, where python3 has torch, PyTorch, in the same session
  --json FILE      one JSON line per result
  --profile        kernel by kernel instead
  --list           names of the cases`;

const { values } = parseArgs({
  options: {
    cases: { type: "string" },
    threads: { type: "string" },
    device: { type: "string", default: "cpu" },
    peers: { type: "boolean", default: false },
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

const names = values.cases?.split(",");
for (const name of names ?? []) {
  if (!all.some((entry) => entry.name === name)) {
    console.error(`There is no case "${name}"; the cases are ${all.map((entry) => entry.name).join(", ")}.`);
    process.exit(2);
  }
}
const chosen = all.filter(({ name }) => names === undefined || names.includes(name));
const threads =
  values.threads === undefined ? (await import("node:os")).availableParallelism() : Number(values.threads);
if (!Number.isInteger(threads) || threads < 1) {
  console.error(`--threads takes a whole number >= 1, got ${values.threads}`);
  process.exit(2);
}

const device = await useDevice(values.device === "cpu" ? createCpuBackend({ threads }) : (values.device as DeviceName));

const results: Result[] = [];
const show = (result: Result): void => {
  results.push(result);
  const { ms, value, unit, peer, threads: used } = result;
  console.log(
    `${result.case.padEnd(20)} ${peer.padEnd(14)} ${String(used).padStart(2)} threads ${ms.toFixed(ms < 1 ? 5 : 3).padStart(12)} ms ${value.toFixed(2).padStart(10)} ${unit}`,
  );
};

for (const { name, unit, work, scale, prepare } of chosen) {
  const run = await prepare();
  if (values.profile) {
    await run();
    await run();
    console.log(`${name}\n${String(await profile(run, device))}`);
    continue;
  }
  const { ms, repeats } = await measure(run);
  const value = (run.work ?? work) / (ms / 1000) / scale;
  show({
    case: name,
    peer: "gradloom",
    device: device.name,
    threads: device.name === "cpu" ? threads : 0,
    ms,
    value,
    unit,
    repeats,
  });
}
if (values.peers) {
  await runPeers(chosen, threads, show);
  console.log("\nGradloom's time over the peer's (below 1: Gradloom is faster)");
  for (const { name } of chosen) {
    const own = results.find((result) => result.case === name && result.peer === "gradloom");
    const ratios = results
      .filter((result) => result.case === name && result.peer !== "gradloom")
      .map((result) => `${result.peer} ${((own?.ms ?? Number.NaN) / result.ms).toFixed(3)}`);
    console.log(`${name.padEnd(20)} ${ratios.join("   ")}`);
  }
}
if (values.json !== undefined)
  writeFileSync(values.json, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
device.backend.dispose();
