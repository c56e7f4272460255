// The benchmark's cases on TensorFlow.js's WebGPU backend, on Dawn. Usage: tfjs_webgpu_peer.mjs CASE...

import * as tf from "@tensorflow/tfjs";
import { adapterName, counters } from "./dawn.mjs";
import "@tensorflow/tfjs-backend-webgpu";
import { main } from "./measure.mjs";
import { casesOf, version } from "./tfjs_cases.mjs";

await tf.setBackend("webgpu");
await tf.ready();
const backend = tf.backend();

/** Submits what TensorFlow.js still collects and waits for it, without copying a result. */
const wait = async () => {
  backend.endComputePassEncoder();
  if (backend.commandEncoder !== null) backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
};

await main(casesOf(wait), process.argv.slice(2), `${version}, ${await adapterName()}`, counters);
process.exit(0);
