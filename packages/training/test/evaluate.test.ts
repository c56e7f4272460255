import { createReferenceBackend } from "@gradloom/backend-reference";
import { BatchNorm, crossEntropy, Sequential } from "@gradloom/layers";
import { tensor, useDevice } from "@gradloom/tensor";
import { evaluate, predict } from "../src/index.ts";
import { accuracy, network, points } from "./support/task.ts";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

test.each([true, false])("evaluates over all samples alike (compile: %s)", async (compile) => {
  const model = network();
  const options = { loss: crossEntropy, metrics: { accuracy }, compile };
  const whole = await evaluate(model, points(50, 50), options);
  const parts = await evaluate(model, points(50, 16), options);
  expect(parts.loss).toBeCloseTo(whole.loss as number, 6);
  expect(parts.accuracy).toBeCloseTo(whole.accuracy as number, 6);
  expect(Object.keys(parts)).toEqual(["loss", "accuracy"]);
  expect(await evaluate(model, points(9, 3), { metrics: { accuracy } })).toEqual({ accuracy: expect.any(Number) });
});

test("predicts all batches, in evaluation mode", async () => {
  const model = network();
  const [all] = points(10, 10);
  if (all === undefined) throw new Error("no batch");
  const outputs = await predict(model, points(10, 4));
  expect(outputs.shape).toEqual([10, 3]);
  expect(await outputs.data()).toEqual(await (await predict(model, [all], { compile: false })).data());
  const normalized = new Sequential(new BatchNorm(2));
  const y = await predict(normalized, [{ inputs: tensor([[1, 2]]) }]);
  expect(((await y.data()) as Float32Array)[1]).toBeCloseTo(2, 4);
  expect(normalized.training).toBe(true);
  await expect(predict(model, [])).rejects.toThrow("[predict] got no batches");
});

test("an abort is an error: there is no value", async () => {
  const signal = AbortSignal.abort();
  await expect(evaluate(network(), points(6, 3), { signal })).rejects.toBe(signal.reason);
  await expect(predict(network(), points(6, 3), { signal })).rejects.toBe(signal.reason);
});
