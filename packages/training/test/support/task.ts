import { Linear, type Module, Sequential } from "@gradloom/layers";
import { relu, seed, type Tensor, tensor } from "@gradloom/tensor";
import type { Batch } from "../../src/index.ts";

/** Points around three corners, labelled by the corner; the same at every call. */
export const points = (samples: number, batchSize: number): Batch[] => {
  const corners = [
    [0, 0],
    [2, 0],
    [0, 2],
  ] as const;
  let state = 7;
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const batches: Batch[] = [];
  for (let start = 0; start < samples; start += batchSize) {
    const n = Math.min(batchSize, samples - start);
    const labels = Array.from({ length: n }, (_, i) => (start + i) % 3);
    const inputs = labels.map((label) => (corners[label] as readonly number[]).map((x) => x + noise()));
    batches.push({ inputs: tensor(inputs), targets: tensor(labels, { dtype: "int32" }) });
  }
  return batches;
};

/** Two layers that can tell the corners apart; the same at every call. */
export const network = (): Sequential => {
  seed(1);
  return new Sequential(new Linear(2, 8), relu, new Linear(8, 3));
};

export const accuracy = (outputs: Tensor, targets: Tensor): Tensor =>
  outputs.argmax(-1).equal(targets).cast("float32").mean();

export const weightsOf = (model: Module): Promise<number[][]> =>
  Promise.all(model.parameters().map(async ({ value }) => [...((await value.data()) as Float32Array)]));
