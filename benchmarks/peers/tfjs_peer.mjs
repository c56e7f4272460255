// The benchmark's cases on TensorFlow.js's backends for the CPU. Usage: tfjs_peer.mjs BACKEND THREADS CASE...
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { main } from "./measure.mjs";
import { casesOf, version } from "./tfjs_cases.mjs";

const [backend, threads, ...names] = process.argv.slice(2);
if (backend === "wasm") {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")), "/")}`);
  setThreadsCount(Number(threads));
}
await tf.setBackend(backend);
await tf.ready();

// Both compute before a call returns: there is nothing to wait for.
const cases = casesOf(async () => {});

// They take minutes a run in plain JavaScript.
if (backend === "cpu")
  for (const name of ["conv2d_fwdbwd", "train_lenet", "train_resnet20", "train_gpt"]) delete cases[name];
await main(cases, names, version);
