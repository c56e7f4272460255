import { take } from "@gradloom/datasets";
import { crossEntropy } from "@gradloom/layers";
import { ArgumentError, softmax, useDevice } from "@gradloom/tensor";
import { evaluate as evaluateModel, predict as predictWith } from "@gradloom/training";
import type { Console } from "./console.ts";
import { interruptible } from "./console.ts";
import type { Description } from "./savedModel.ts";
import { loadModel } from "./savedModel.ts";
import type { Task } from "./task.ts";
import { batches, loadTask, sketch } from "./task.ts";
import { accuracy, exact, testBatch } from "./train.ts";

export interface SavedOptions {
  readonly data: string;
  readonly device: string;
  readonly json: boolean;
}

/** Refuses data that the model was not made for. */
const checkFit = ({ model, inputShape, classes }: Description, task: Task): void => {
  if (String(inputShape) === String(task.inputShape) && classes.length === task.classes.length) return;
  throw new ArgumentError(
    "--data",
    `${model} was trained on [${inputShape}] in ${classes.length} classes, ${task.name} has [${task.inputShape}] in ${task.classes.length}`,
  );
};

/** Loss and accuracy of a saved model on test data. */
export const evaluate = (path: string, options: SavedOptions, { note, out }: Console): Promise<number> =>
  interruptible(note, async (signal) => {
    const device = await useDevice(options.device as "auto");
    const { model, description, file } = await loadModel(path);
    const task = await loadTask(options.data, note, signal);
    checkFit(description, task);
    const began = performance.now();
    const values = await evaluateModel(model, batches(task.test, { batchSize: testBatch }), {
      loss: crossEntropy,
      metrics: { accuracy },
      signal,
    });
    const [testAccuracy, testLoss] = [exact(values.accuracy as number, task.test.length), values.loss as number];
    const seconds = (performance.now() - began) / 1000;
    if (options.json) out(JSON.stringify({ testAccuracy, testLoss, seconds, device: device.name }));
    else {
      out(
        `${file}: accuracy ${(100 * testAccuracy).toFixed(2)} %, loss ${testLoss.toFixed(4)} on ${task.test.length} images`,
      );
    }
    return 0;
  });

/** What a saved model takes the first test images for. */
export const predict = (
  path: string,
  options: SavedOptions & { readonly count: number; readonly draw: boolean },
  { note, out }: Console,
): Promise<number> =>
  interruptible(note, async (signal) => {
    await useDevice(options.device as "auto");
    const { model, description } = await loadModel(path);
    const task = await loadTask(options.data, note, signal);
    checkFit(description, task);
    const count = Math.min(options.count, task.test.length);
    const logits = await predictWith(model, batches(take(task.test, count), { batchSize: testBatch }), { signal });
    const probabilities = softmax(logits);
    const [classes, sure] = [await probabilities.argmax(-1).data(), await probabilities.max(-1).data()];
    const size = task.inputShape.reduce((n, m) => n * m, 1);
    for (let i = 0; i < count; i++) {
      const [label, predicted] = [
        task.classes[task.test.labels[i] as number],
        description.classes[classes[i] as number],
      ];
      if (options.draw) {
        out(sketch(task.test.images.data.subarray(i * size, (i + 1) * size) as Uint8Array, task.inputShape));
      }
      const probability = sure[i] as number;
      if (options.json) out(JSON.stringify({ image: i, label, predicted, probability }));
      else
        out(
          `${i}: ${predicted} (${(100 * probability).toFixed(1)} %)${label === predicted ? "" : `, labelled ${label}`}`,
        );
    }
    return 0;
  });
