import { availableParallelism } from "node:os";
import { crossEntropy } from "@gradloom/layers";
import { countParameters, createModel, modelNames } from "@gradloom/models";
import { Adam } from "@gradloom/optimizers";
import { openDevice, seed, tensor, uniform, useDevice } from "@gradloom/tensor";
import { fit } from "@gradloom/training";
import type { Console } from "./console.ts";
import { optimizerNames } from "./optimizers.ts";
import { dataNames, loadTask, sketch } from "./task.ts";

/** Says where data is from and what is in it, and draws an image of each of the first classes. */
export const data = async (
  name: string,
  options: { readonly json: boolean },
  { note, out }: Console,
): Promise<number> => {
  const { train, test, origin, inputShape, classes } = await loadTask(name, note);
  const perClass = (labels: Int32Array): number[] => {
    const counts = classes.map(() => 0);
    for (const label of labels) counts[label] = (counts[label] as number) + 1;
    return counts;
  };
  const [inTrain, inTest] = [perClass(train.labels), perClass(test.labels)];
  if (options.json) {
    out(JSON.stringify({ name, origin, inputShape, classes, train: inTrain, test: inTest }));
    return 0;
  }
  out(`${name} from ${origin}`);
  out(
    `${train.length} training and ${test.length} test images of [${inputShape.join(", ")}] in ${classes.length} classes`,
  );
  for (const [i, each] of classes.entries()) out(`  ${each}: ${inTrain[i]} and ${inTest[i]}`);
  const size = inputShape.reduce((n, m) => n * m, 1);
  const found = Array.from({ length: Math.min(3, classes.length) }, (_, label) => train.labels.indexOf(label));
  for (const i of found.filter((each) => each >= 0)) {
    out(sketch(train.images.data.subarray(i * size, (i + 1) * size) as Uint8Array, inputShape));
  }
  return 0;
};

/** What `--device` takes. */
export const deviceNames = ["auto", "cpu", "webgpu", "reference"] as const;

/** Tries to open every device. */
export const devices = async (options: { readonly json: boolean }, { out }: Console): Promise<number> => {
  for (const name of deviceNames.slice(1)) {
    const result = await openDevice(name as "cpu").then(
      () => ({ name, available: true, reason: undefined }),
      (error: Error) => ({ name, available: false, reason: error.message.split("\n")[0] }),
    );
    if (options.json) out(JSON.stringify(result));
    else out(`${name.padEnd(10)} ${result.available ? "available" : `not available: ${result.reason}`}`);
  }
  return 0;
};

export interface BenchOptions {
  readonly model: string;
  readonly device: string;
  readonly batchSize: number;
  readonly steps: number;
  readonly shape: readonly number[];
  readonly json: boolean;
}

/** Times training steps of a model on random images that stay on the device. */
export const bench = async (options: BenchOptions, { note, out }: Console): Promise<number> => {
  const { batchSize, steps, shape } = options;
  const device = await useDevice(options.device as "auto");
  seed(1);
  const model = createModel(options.model, { inputShape: shape });
  const inputs = await uniform([batchSize, ...shape]).evaluate();
  const targets = tensor(Int32Array.from({ length: batchSize }, (_, i) => i % 10));
  const optimizer = new Adam(model.parameters());
  const run = (count: number) =>
    fit(
      model,
      Array.from({ length: count }, () => ({ inputs, targets })),
      { loss: crossEntropy, optimizer, readEvery: Number.POSITIVE_INFINITY, callbacks: [timer] },
    );
  const times: number[] = [];
  let last = 0;
  const timer = {
    onStep: async (): Promise<void> => {
      await device.backend.synchronize();
      const now = performance.now();
      times.push(now - last);
      last = now;
    },
  };
  note(`Warming up ${options.model} on ${device.name}`);
  await run(5);
  times.length = 0;
  await run(steps + 1);
  const sorted = times.slice(1).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] as number;
  const samplesPerSecond = (1000 * batchSize) / median;
  if (options.json)
    out(
      JSON.stringify({ model: options.model, device: device.name, batchSize, milliseconds: median, samplesPerSecond }),
    );
  else {
    out(
      `${options.model} on ${device.name}: ${median.toFixed(2)} ms per step of ${batchSize} (fastest ${sorted[0]?.toFixed(2)} ms), ${samplesPerSecond.toFixed(0)} samples/s`,
    );
  }
  return 0;
};

/** The layers of a model, or what there is to choose from. */
export const info = async (
  options: { readonly model?: string; readonly shape: readonly number[] },
  { out }: Console,
): Promise<number> => {
  if (options.model !== undefined) {
    const model = createModel(options.model, { inputShape: options.shape });
    out(String(model.summary([1, ...options.shape])));
    out(`${countParameters(model).toLocaleString("en-US")} parameters`);
    return 0;
  }
  out(`Node ${process.versions.node} (${process.platform} ${process.arch}, ${availableParallelism()} cores)`);
  out(`models:     ${modelNames.join(", ")}`);
  out(`data:       ${dataNames.join(", ")}, or a folder`);
  out(`optimizers: ${optimizerNames.join(", ")}`);
  out(`devices:    ${deviceNames.join(", ")} (gradloom devices says which are there)`);
  return 0;
};
