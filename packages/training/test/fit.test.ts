import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { BatchNorm, crossEntropy, Linear, Module, mseLoss, Sequential } from "@gradloom/layers";
import { Accuracy, ConfusionMatrix } from "@gradloom/metrics";
import { Adam, SGD } from "@gradloom/optimizers";
import { memory, type Tensor, tensor, useDevice, Variable, zeros } from "@gradloom/tensor";
import type { Callback, Data, FitOptions, StreamingMetric } from "../src/index.ts";
import { fit, NotFiniteError } from "../src/index.ts";
import { accuracy, network, points, weightsOf } from "./support/task.ts";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

const train = async (data: Data, options: Partial<FitOptions> & { readonly rate?: number } = {}) => {
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: options.rate ?? 0.3, momentum: 0.9 });
  const history = await fit(model, data, { loss: crossEntropy, optimizer, ...options });
  return { model, history, optimizer };
};

test("learns, and records loss, metrics and times of every epoch", async () => {
  const { history, model } = await train(points(90, 32), {
    epochs: 6,
    metrics: { accuracy },
    validation: points(45, 45),
  });
  expect(history.stopped).toBeUndefined();
  expect(history.epochs).toHaveLength(6);
  const [first, last] = [history.epochs[0], history.epochs[5]];
  expect(first).toMatchObject({ epoch: 1, step: 3, samples: 90, learningRate: 0.3 });
  expect(last).toMatchObject({ epoch: 6, step: 18, samples: 90 });
  expect(last?.training.loss).toBeLessThan(first?.training.loss as number);
  expect(last?.training.accuracy).toBeGreaterThan(0.95);
  expect(last?.validation?.accuracy).toBeGreaterThan(0.95);
  expect(last?.waiting).toBeGreaterThanOrEqual(0);
  expect(last?.waiting).toBeLessThan(1);
  expect(model.training).toBe(true);
});

test("gives the same bits compiled and not, and at every run", async () => {
  const runs = await Promise.all(
    [true, true, false].map(async (compile) => {
      const { model, history } = await train(points(50, 16), { epochs: 2, compile, metrics: { accuracy } });
      return { weights: await weightsOf(model), values: history.epochs.map(({ training }) => training) };
    }),
  );
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});

test("the loss of an epoch is the mean over samples, also with a smaller last batch", async () => {
  const { history } = await train(points(40, 32), { rate: 0, metrics: { accuracy } });
  const { history: whole } = await train(points(40, 40), { rate: 0, metrics: { accuracy } });
  expect(history.epochs[0]?.training.loss).toBeCloseTo(whole.epochs[0]?.training.loss as number, 6);
  expect(history.epochs[0]?.training.accuracy).toBeCloseTo(whole.epochs[0]?.training.accuracy as number, 6);
});

test("accumulated gradients of small batches take the step of a large one", async () => {
  const small = await train(points(32, 8), { accumulate: 4 });
  const large = await train(points(32, 32));
  const [a, b] = [await weightsOf(small.model), await weightsOf(large.model)];
  a.flat().forEach((x, i) => {
    expect(x).toBeCloseTo(b.flat()[i] as number, 6);
  });
});

test("class weights and sample weights weigh losses", async () => {
  const [batch] = points(9, 9);
  if (batch === undefined) throw new Error("no batch");
  const classes = await train([batch], { classWeights: [1, 2, 0] });
  const perSample = tensor(Array.from({ length: 9 }, (_, i) => [1, 2, 0][i % 3] as number));
  const samples = await train([{ ...batch, weights: perSample }]);
  const kept = [0, 1, 3, 4, 6, 7];
  const labels = tensor(
    kept.map((i) => i % 3),
    { dtype: "int32" },
  );
  const inputs = ((await (batch.inputs as ReturnType<typeof tensor>).array()) as number[][]).filter(
    (_, i) => i % 3 < 2,
  );
  const direct = await train([{ inputs: tensor(inputs), targets: labels }], {
    loss: (x, y) => crossEntropy(x, y, { weights: tensor([1, 2, 0]) }),
  });
  for (const run of [classes, samples]) {
    expect(run.history.epochs[0]?.training.loss).toBeCloseTo(direct.history.epochs[0]?.training.loss as number, 6);
    const [a, b] = [await weightsOf(run.model), await weightsOf(direct.model)];
    a.flat().forEach((x, i) => {
      expect(x).toBeCloseTo(b.flat()[i] as number, 6);
    });
  }
});

test("a policy runs the model and takes the gradients: scaling the loss by a power of two changes no bit", async () => {
  const plain = await train(points(32, 8), { epochs: 2 });
  const seen = new Set<boolean>();
  const scaled = await train(points(32, 8), {
    epochs: 2,
    validation: points(6, 6),
    precision: {
      forward: (model, inputs) => {
        seen.add(model.training);
        return (model as Module).call(inputs[0] as Tensor);
      },
      gradients: (loss, parameters) => gradients(loss.mul(1024), parameters).map((g) => g.div(1024)),
    },
  });
  expect([...seen]).toEqual([true, false]);
  expect(await weightsOf(scaled.model)).toEqual(await weightsOf(plain.model));
});

test("an abort while validating ends training after the epoch, without its validation", async () => {
  const controller = new AbortController();
  const validation = {
    *[Symbol.iterator]() {
      const [batch] = points(6, 6);
      controller.abort();
      yield batch as NonNullable<typeof batch>;
    },
  };
  const { history } = await train(points(32, 16), { epochs: 3, signal: controller.signal, validation });
  expect(history.stopped).toBe("aborted");
  expect(history.epochs.map(({ step, validation }) => [step, validation])).toEqual([[2, undefined]]);
});

test("a loss that is not finite changes nothing", async () => {
  const good = points(32, 16);
  const bad = { inputs: tensor([[Number.POSITIVE_INFINITY, 1]]), targets: tensor([0], { dtype: "int32" }) };
  const expected = await weightsOf((await train(good)).model);
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.3, momentum: 0.9 });
  const run = fit(model, [...good, bad, ...good], { loss: crossEntropy, optimizer });
  await expect(run).rejects.toThrow(NotFiniteError);
  await expect(run).rejects.toThrow("[fit] the loss is not finite, though all parameters are; look for NaN");
  expect(await weightsOf(model)).toEqual(expected);
  expect(await optimizer.steps.value.item()).toBe(2);
});

test("names the parameter whose gradient was not finite", async () => {
  class Root extends Module {
    readonly before = new Linear(2, 3);
    readonly scale = new Variable(tensor([1, 0, 1]), { name: "scale" });
    forward(x: Tensor): Tensor {
      return this.before.call(x).add(this.scale.value.square().sqrt());
    }
  }
  const model = new Root();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
  const run = fit(model, points(32, 16), { loss: crossEntropy, optimizer });
  await expect(run).rejects.toThrow("[fit] the parameter scale is not finite; lower the learning rate");
  expect((await weightsOf(model))[0]?.every(Number.isFinite)).toBe(true);
});

test("an abort ends training after the step that runs", async () => {
  const controller = new AbortController();
  const ended: (string | undefined)[] = [];
  const callback: Callback = {
    onStep: ({ step }) => {
      if (step === 4) controller.abort();
    },
    onEnd: (_, { stopped }) => {
      ended.push(stopped);
    },
  };
  const { history } = await train(points(96, 32), { epochs: 5, signal: controller.signal, callbacks: [callback] });
  expect(history.stopped).toBe("aborted");
  expect(history.epochs.map(({ step }) => step)).toEqual([3, 5]);
  expect(history.epochs[1]?.validation).toBeUndefined();
  expect(ended).toEqual(["aborted"]);
});

test("calls callbacks in order", async () => {
  const calls: string[] = [];
  const note = (name: string) => () => {
    calls.push(name);
  };
  const callback = {
    onStart: note("start"),
    onEpochStart: note("epoch"),
    onStep: note("step"),
    onValues: note("values"),
    onEpochEnd: note("end of epoch"),
    onEnd: note("end"),
  };
  await train(points(6, 3), { epochs: 1, callbacks: [callback] });
  expect(calls).toEqual(["start", "epoch", "step", "step", "values", "end of epoch", "end"]);
});

test("batches may be tuples, as data loaders give them", async () => {
  const data = points(30, 15);
  const tuples = data.map(({ inputs, targets }) => [inputs, targets] as const);
  expect(await weightsOf((await train(tuples)).model)).toEqual(await weightsOf((await train(data)).model));
});

test("metrics may keep their own state", async () => {
  const count = new Variable(zeros([3]), { trainable: false });
  const perClass: StreamingMetric = {
    update: (outputs, targets) => {
      count.update((n) =>
        n.add(
          targets
            .unsqueeze(1)
            .equal(tensor([0, 1, 2], { dtype: "int32" }))
            .cast("float32")
            .sum(0),
        ),
      );
      expect(outputs.shape[1]).toBe(3);
    },
    compute: () => count.value,
    reset: () => count.assign(zeros([3])),
  };
  const { history } = await train(points(33, 16), { epochs: 2, metrics: { perClass }, validation: points(6, 3) });
  expect(history.epochs[1]?.training.perClass).toEqual([11, 11, 11]);
  expect(history.epochs[1]?.validation?.perClass).toEqual([2, 2, 2]);
});

test("takes the metrics of @gradloom/metrics, compiled too", async () => {
  const metrics = { accuracy, measured: new Accuracy(), confusion: new ConfusionMatrix({ classes: 3 }) };
  const { history } = await train(points(33, 16), { epochs: 2, metrics, validation: points(9, 4) });
  for (const { training, validation } of history.epochs) {
    for (const values of [training, validation]) expect(values?.measured).toBeCloseTo(values?.accuracy as number, 6);
  }
  const confusion = history.epochs[1]?.validation?.confusion as number[][];
  expect(confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(9);
});

test("layers that were put into evaluation mode stay there", async () => {
  const frozen = new BatchNorm(2);
  const free = new BatchNorm(2);
  const model = new Sequential(frozen, free, new Linear(2, 1));
  frozen.eval();
  const data = [
    {
      inputs: tensor([
        [1, 2],
        [3, 5],
      ]),
      targets: tensor([[0], [1]]),
    },
  ];
  const optimizer = new Adam(model.parameters());
  await fit(model, data, { loss: mseLoss, optimizer, validation: data });
  expect(await frozen.runningMean?.value.array()).toEqual([0, 0]);
  expect(await free.runningMean?.value.array()).not.toEqual([0, 0]);
  expect([frozen.training, free.training]).toEqual([false, true]);
});

test("keeps no memory but that of parameters and optimizer", async () => {
  const model = network();
  const optimizer = new Adam(model.parameters());
  const data = points(64, 16);
  const options = { loss: crossEntropy, optimizer, metrics: { accuracy } };
  await fit(model, data, options);
  const { liveBytes } = memory();
  await fit(model, data, { ...options, epochs: 3 });
  expect(memory().liveBytes).toBe(liveBytes);
});

test("refuses what does not fit, and says where", async () => {
  const wrong = { inputs: tensor([[1, 2, 3]]), targets: tensor([0], { dtype: "int32" }) };
  await expect(train([wrong])).rejects.toThrow("[0 Linear] takes [..., 2], got [1,3]");
  await expect(train([])).rejects.toThrow("epoch 1 has no batches");
  await expect(train([{ ...wrong, targets: tensor([0, 1], { dtype: "int32" }) }])).rejects.toThrow("as many targets");
  await expect(train([{ inputs: [] } as never])).rejects.toThrow(
    "takes batches { inputs, targets } or [inputs, targets]",
  );
  await expect(train(7 as never)).rejects.toThrow("needs an iterable of batches, got number");
  await expect(train(points(3, 3), { epochs: 1.5 })).rejects.toThrow("epochs is a whole number >= 0, got 1.5");
  await expect(train(points(3, 3), { metrics: { loss: accuracy } })).rejects.toThrow("rename it");
  await expect(train(points(3, 3), { metrics: { shape: (x) => x } })).rejects.toThrow(
    "gives one number per batch, got [3,3]",
  );
  await expect(train(points(3, 3), { loss: (x, y) => crossEntropy(x, y), classWeights: [1, 1, 1] })).rejects.toThrow(
    "weights need one loss per sample, got []",
  );
});
