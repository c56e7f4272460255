import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { split, take } from "@gradloom/datasets";
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
import { augmented } from "./augment.ts";
import type { Console } from "./console.ts";
import { interrupted, interruptible } from "./console.ts";
import { createOptimizer } from "./optimizers.ts";
import { outputFolder } from "./outputFolder.ts";
import { saveModel } from "./savedModel.ts";
import type { Examples, Task } from "./task.ts";
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
  /** The share of these that is held out to look at after each epoch. */
  readonly validation: number;
  /** Random changes of the others. */
  readonly augment: readonly string[];
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
    onEpochEnd: (_, { epoch, training, validation, learningRate, seconds, samples, waiting }) => {
      const held = Object.entries(validation ?? {}).map(([name, value]) => [`validation.${name}`, value]);
      const values = { ...training, ...Object.fromEntries(held) };
      out(JSON.stringify({ epoch, ...values, learningRate, seconds, samples, waiting }));
    },
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
  const count = Math.min(task.test.length, 10000);
  const outputs = await predict(model, batches(take(task.test, count), { batchSize: testBatch }));
  const predicted = (await outputs.argmax(-1).data()) as Int32Array;
  const size = task.inputShape.reduce((n, m) => n * m, 1);
  const targets = task.test.labels.subarray(0, count);
  // The first ones, and the first that the model is wrong about.
  const all = Array.from(targets.keys());
  const wrong = all.filter((i) => i >= 20 && targets[i] !== predicted[i]);
  const pictures = [...all.slice(0, 20), ...wrong.slice(0, 20)].map((sample) => ({
    data: task.test.images.data.subarray(sample * size, (sample + 1) * size) as Uint8Array,
    shape: task.inputShape,
    sample,
  }));
  const html = await htmlReport(history, {
    title: `Gradloom: ${task.name}`,
    facts,
    targets,
    predicted,
    classes: task.classes,
    pictures,
  });
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, html, { flush: true });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
};

/** The images to train on, and those that are held out. */
const divided = (
  all: Examples,
  { images = all.length, validation, seed: drawn }: TrainOptions,
): readonly [Examples, Examples] => {
  const chosen = take(all, images);
  const held = Math.round(chosen.length * validation);
  if (held === 0) return [chosen, take(all, 0)];
  return split(chosen, [chosen.length - held, held], { seed: drawn });
};

/** Trains a model on data; evaluates, saves and reports as the options say. Returns the exit code. */
export const train = (options: TrainOptions, console: Console): Promise<number> => {
  const { note, out } = console;
  let saved: string | undefined;
  const whatWasSaved = (): string =>
    saved === undefined ? "nothing was saved (use --out)" : `the model was saved to ${saved}`;
  const work = async (signal: AbortSignal): Promise<number> => {
    const { out: folder, tensorboard } = options;
    const report = options.report ?? (folder === undefined ? undefined : join(folder, "report.html"));
    // What cannot be written to is found out before the work.
    if (folder !== undefined) await outputFolder("--out", folder);
    if (report !== undefined) await outputFolder("--report", dirname(report));
    if (tensorboard !== undefined) await outputFolder("--tensorboard", tensorboard);
    const device = await useDevice(options.device as "auto");
    seed(options.seed);
    const task = await loadTask(options.data, note, signal);
    const { inputShape, classes } = task;
    const model = createModel(options.model, { inputShape, classes: classes.length });
    const optimizer = createOptimizer(options.optimizer, model.parameters(), options.learningRate);
    const { batchSize } = options;
    const [used, held] = divided(task.train, options);
    const loader = augmented(batches(used, { batchSize, seed: options.seed }), options.augment);
    note(
      `Training ${options.model} (${countParameters(model).toLocaleString("en-US")} parameters) on ${used.length} images, device ${device.name}`,
    );
    const began = performance.now();
    const description = { model: options.model, inputShape, classes };
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
      ...(held.length > 0 ? { validation: batches(held, { batchSize: testBatch }) } : {}),
      callbacks,
      signal,
    });
    if (history.stopped !== undefined) {
      note(`Stopped after ${history.epochs.at(-1)?.step ?? 0} steps; ${whatWasSaved()}`);
      return interrupted;
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
  };
  return interruptible(note, work, whatWasSaved);
};
