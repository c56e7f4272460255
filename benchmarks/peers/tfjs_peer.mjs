// The benchmark's cases in TensorFlow.js. Usage: tfjs_peer.mjs BACKEND THREADS CASE...

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { main } from "./measure.mjs";

const [backend, threads, ...names] = process.argv.slice(2);
if (backend === "wasm") {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")), "/")}`);
  setThreadsCount(Number(threads));
}
await tf.setBackend(backend);
await tf.ready();

/** Computes, waits for the values, frees. */
const run = (fn) => async () => {
  const results = [tf.tidy(fn)].flat();
  await results[results.length - 1].data();
  tf.dispose(results);
};

/** A step of Keras-style training: forward, backward, Adam's update; the loss is read. */
const step = (model, optimizer, x, y) => async () => {
  const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true })), true);
  await loss.data();
  loss.dispose();
};

const labels = (n, classes) =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: n }, (_, i) => (i * 7) % classes),
      "int32",
    ),
    classes,
  );

const matmul = (n) => () => {
  const [a, b] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])];
  return run(() => tf.matMul(a, b));
};

const conv = (backward) => () => {
  const [x, w, g] = [
    tf.randomNormal([64, 32, 32, 64]),
    tf.randomNormal([3, 3, 64, 64]),
    tf.randomNormal([64, 32, 32, 64]),
  ];
  const forward = (input, filter) => tf.conv2d(input, filter, 1, "same");
  return backward ? run(() => tf.grads(forward)([x, w], g)) : run(() => forward(x, w));
};

const rows = (fn) => () => {
  const x = tf.randomNormal([4096, 1024]);
  return run(() => fn(x));
};

const large = (fn) => () => {
  const x = tf.randomNormal([10_000_000]);
  return run(() => fn(x));
};

const cases = {
  matmul_256: matmul(256),
  matmul_512: matmul(512),
  matmul_1024: matmul(1024),
  conv2d_fwd: conv(false),
  conv2d_fwdbwd: conv(true),
  gelu_chain_1e7: large((x) =>
    x.mul(0.5).mul(x.add(x.mul(x).mul(x).mul(0.044715)).mul(0.7978845608028654).tanh().add(1)),
  ),
  softmax_4096x1024: rows((x) => tf.softmax(x)),
  layernorm_4096x1024: rows((x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).div(variance.add(1e-5).sqrt());
  }),
  sum_1e7: large((x) => x.sum()),
  dispatch_tiny_add: () => {
    const [a, b] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 2, 3, 4])];
    return async () => tf.add(a, b).dispose();
  },
  train_mlp: () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [784], units: 512, activation: "relu" }),
        tf.layers.dense({ units: 512, activation: "relu" }),
        tf.layers.dense({ units: 10 }),
      ],
    });
    return step(model, tf.train.adam(1e-3), tf.randomNormal([128, 784]), labels(128, 10));
  },
  train_lenet: () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 128, activation: "relu" }),
        tf.layers.dropout({ rate: 0.5 }),
        tf.layers.dense({ units: 10 }),
      ],
    });
    return step(model, tf.train.adam(1e-3), tf.randomNormal([128, 28, 28, 1]), labels(128, 10));
  },
};

// The plain JavaScript backend takes minutes for the large cases.
const slow = ["conv2d_fwdbwd", "train_lenet"];
await main(cases, backend === "cpu" ? names.filter((name) => !slow.includes(name)) : names, `tfjs ${tf.version.tfjs}`);
