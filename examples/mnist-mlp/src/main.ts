import { parseArgs } from "node:util";
import { mnist, take } from "@gradloom/datasets";
import type { DeviceName } from "@gradloom/tensor";
import { useDevice } from "@gradloom/tensor";
import { trainDigits } from "./train.ts";

const usage = `Trains a small network on MNIST's handwritten digits.

  --data FOLDER          where the four IDX files lie (default: $GRADLOOM_DATA/mnist, or download)
  --device NAME          cpu or reference (default: cpu)
  --epochs N             passes over the training images (default: 3)
  --images N             training images to use (default: all)
  --batch-size N         images per step (default: 64)
  --learning-rate X      (default: 0.1)
  --seed N               (default: 1)`;

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    device: { type: "string", default: "cpu" },
    epochs: { type: "string", default: "3" },
    images: { type: "string", default: "60000" },
    "batch-size": { type: "string", default: "64" },
    "learning-rate": { type: "string", default: "0.1" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

const number = (name: "epochs" | "images" | "batch-size" | "learning-rate" | "seed"): number => {
  const value = Number(values[name]);
  if (!(value > 0)) {
    console.error(`--${name} takes a number above 0, got ${values[name]}`);
    process.exit(2);
  }
  return value;
};

if (values.help) {
  console.log(usage);
  process.exit(0);
}

const load = async (split: "train" | "test") =>
  mnist.load({ split, ...(values.data === undefined ? {} : { dir: values.data, download: false }) });
const [train, test] = await Promise.all([load("train"), load("test")]).catch((error: Error) => {
  console.error(`${error.message}
Put MNIST's four files, gzipped (.gz) or not, into a folder:
  train-images-idx3-ubyte  train-labels-idx1-ubyte  t10k-images-idx3-ubyte  t10k-labels-idx1-ubyte
and name it: --data FOLDER, or set GRADLOOM_DATA to the folder that holds it as "mnist".`);
  process.exit(1);
});

const device = await useDevice(values.device as DeviceName);
const used = take(train, number("images"));
console.log(`Training on ${used.length} images of ${train.source.folder}, device ${device.name}`);

const live = process.stdout.isTTY === true;
const began = performance.now();
const bar = (done: number, all: number): string => {
  const filled = Math.round((24 * done) / all);
  return `[${"=".repeat(filled)}${" ".repeat(24 - filled)}] ${String(done).padStart(String(all).length)}/${all}`;
};
let smooth = Number.NaN;
const accuracy = await trainDigits(used, test, {
  epochs: number("epochs"),
  batchSize: number("batch-size"),
  learningRate: number("learning-rate"),
  seed: number("seed"),
  hidden: 128,
  onStep: (step, steps, loss) => {
    smooth = Number.isNaN(smooth) ? loss : 0.95 * smooth + 0.05 * loss;
    const line = `${bar(step, steps)}  loss ${smooth.toFixed(4)}`;
    if (live) process.stdout.write(`\r${line}`);
    else if (step % 200 === 0 || step === steps) console.log(line);
  },
  onEpoch: (epoch, value) => {
    if (live) process.stdout.write("\n");
    console.log(`epoch ${epoch}: test accuracy ${(100 * value).toFixed(2)} %`);
  },
});
const seconds = (performance.now() - began) / 1000;
console.log(`Test accuracy ${(100 * accuracy).toFixed(2)} % after ${seconds.toFixed(1)} s`);
