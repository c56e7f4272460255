import { binaryCrossEntropyWithLogits } from "@gradloom/layers";
import { Adam } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { seed, uniform } from "@gradloom/tensor";
import { evaluate, fit, progressBar } from "@gradloom/training";
import { network } from "./swishLayer.ts";

const accuracy = (logits: Tensor, labels: Tensor): Tensor =>
  logits.greater(0).equal(labels.greater(0.5)).cast("float32").mean();

/** Learns which points of a square lie in a circle; returns the accuracy on other points. */
export const train = async (epochs = 30): Promise<number> => {
  seed(1);
  const points = async (count: number) => {
    const inputs = await uniform([count, 2], { low: -1, high: 1 }).evaluate();
    const targets = await inputs.square().sum(1, true).less(0.6).cast("float32").evaluate();
    return { inputs, targets };
  };
  const batches = [await points(128), await points(128), await points(128), await points(128)];
  const model = network();
  await fit(model, batches, {
    loss: binaryCrossEntropyWithLogits,
    optimizer: new Adam(model.parameters(), { learningRate: 0.03 }),
    epochs,
    metrics: { accuracy },
    callbacks: [progressBar()],
  });
  return (await evaluate(model, [await points(1000)], { metrics: { accuracy } })).accuracy as number;
};
