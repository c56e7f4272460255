import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crossEntropy } from "@gradloom/layers";
import { countParameters, createModel } from "@gradloom/models";
import { oneCycle } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { seed, useDevice } from "@gradloom/tensor";
import type { Callback, History } from "@gradloom/training";
import {
  checkpoint,
  evaluate,
  fit,
  htmlReport,
  liveCurves,
  predict,
  progressBar,
  schedule,
  tensorBoard,
} from "@gradloom/training";
import type { Console } from "./console.ts";
import { interruptible } from "./console.ts";
import { createOptimizer } from "./optimizers.ts";
import { saveModel } from "./savedModel.ts";
import type { Task } from "./task.ts";
import { batches, loadTask } from "./task.ts";

export interface TrainOptions {
  readonly data: string;
  readonly model: string;
  readonly device: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: string;
  readonly learningRate?: number;
  readonly schedule: (typeof scheduleNames)[number];
  readonly seed: number;
  /** Training images to use. */
  readonly images?: number;
  readonly out?: string;
  readonly json: boolean;
  readonly curves: boolean;
  readonly report?: string;
  readonly tensorboard?: string;
}

/** The share of samples whose largest output is that of their label. */
export const accuracy = (outputs: Tensor, labels: Tensor): Tensor =>
  outputs.argmax(-1).equal(labels).cast("float32").mean();

/** A share of `count` samples, without the rounding of 32-bit numbers. */
export const exact = (share: number, count: number): number => Math.round(share * count) / count;

/** Samples per evaluation step. */
export const testBatch = 500;

export const scheduleNames = ["one-cycle", "constant"] as const;

/** The callbacks that the options ask for. */
const callbacksOf = (
  options: TrainOptions,
  rate: number,
  steps: number,
  save: Callback | undefined,
  { out }: Console,
) => {
  const lines: Callback = {
    onEpochEnd: (_, { epoch, training, learningRate, seconds, samples, waiting }) =>
      out(JSON.stringify({ epoch, ...training, learningRate, seconds, samples, waiting })),
  };
  return [
    progressBar(),
    ...(options.schedule === "one-cycle" ? [schedule(oneCycle({ rate, steps: Math.max(2, steps) }))] : []),
    ...(options.json ? [lines] : []),
    ...(options.curves ? [liveCurves()] : []),
    ...(options.tensorboard === undefined ? [] : [tensorBoard(options.tensorboard)]),
    ...(save === undefined ? [] : [save]),
  ];
};

/** Writes the report on a trained model. */
const writeReport = async (
  file: string,
  model: Parameters<typeof predict>[0],
  task: Task,
  history: History,
  facts: Readonly<Record<string, string | number>>,
): Promise<void> => {
  const count = Math.min(task.test.length, 2000);
  const outputs = await predict(model, batches(task.test, { batchSize: testBatch, count }));
  const predicted = (await outputs.argmax(-1).data()) as Int32Array;
  const size = task.inputShape.reduce((n, m) => n * m, 1);
  const pictures = Array.from({ length: Math.min(40, count) }, (_, i) => ({
    data: task.test.images.data.subarray(i * size, (i + 1) * size) as Uint8Array,
    shape: task.inputShape,
  }));
  const targets = task.test.labels.subarray(0, count);
  const html = await htmlReport(history, {
    title: `Gradloom: ${task.name}`,
    facts,
    targets,
    predicted,
    classes: task.classes,
    pictures,
  });
  await writeFile(file, html);
};

/** Trains a model on data; evaluates, saves and reports as the options say. Returns the exit code. */
export const train = (options: TrainOptions, console: Console): Promise<number> =>
  interruptible(console.note, async (signal) => {
    const { note, out } = console;
    const device = await useDevice(options.device as "auto");
    seed(options.seed);
    const task = await loadTask(options.data, note, signal);
    const { inputShape, classes } = task;
    const model = createModel(options.model, { inputShape, classes: classes.length });
    const optimizer = createOptimizer(options.optimizer, model.parameters(), options.learningRate);
    const loader = batches(task.train, { batchSize: options.batchSize, count: options.images, seed: options.seed });
    note(
      `Training ${options.model} (${countParameters(model).toLocaleString("en-US")} parameters) on ${loader.dataset.length} images, device ${device.name}`,
    );
    const began = performance.now();
    const { out: folder } = options;
    // What cannot be written to is found out before the work.
    if (folder !== undefined) await mkdir(folder, { recursive: true });
    const description = { model: options.model, inputShape, classes };
    let saved: string | undefined;
    const save =
      folder === undefined
        ? undefined
        : checkpoint(async () => {
            saved = await saveModel(folder, model, description);
          });
    const callbacks = callbacksOf(options, optimizer.learningRate, loader.length * options.epochs, save, console);
    const history = await fit(model, loader, {
      loss: crossEntropy,
      optimizer,
      epochs: options.epochs,
      metrics: { accuracy },
      callbacks,
      signal,
    });
    const whatWasSaved = saved === undefined ? "nothing was saved (use --out)" : `the model was saved to ${saved}`;
    if (history.stopped !== undefined) {
      note(`Stopped after ${history.epochs.at(-1)?.step ?? 0} steps; ${whatWasSaved}`);
      return 130;
    }
    const tested = await evaluate(model, batches(task.test, { batchSize: testBatch }), {
      loss: crossEntropy,
      metrics: { accuracy },
      signal,
    });
    const [testAccuracy, testLoss] = [exact(tested.accuracy as number, task.test.length), tested.loss as number];
    const seconds = (performance.now() - began) / 1000;
    note(
      `Test accuracy ${(100 * testAccuracy).toFixed(2)} % on ${task.test.length} images after ${seconds.toFixed(1)} s`,
    );
    if (saved !== undefined) note(`Saved ${saved}`);
    const report = options.report ?? (folder === undefined ? undefined : join(folder, "report.html"));
    if (report !== undefined) {
      const facts = {
        model: options.model,
        data: task.name,
        device: device.name,
        "test accuracy": testAccuracy,
        "test loss": testLoss,
      };
      await writeReport(report, model, task, history, facts).then(
        () => note(`Wrote ${report}`),
        (error: Error) => note(`No report: ${error.message}`),
      );
    }
    if (options.json) out(JSON.stringify({ testAccuracy, testLoss, seconds, device: device.name }));
    return 0;
  });
