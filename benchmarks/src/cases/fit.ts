import { crossEntropy } from "@gradloom/layers";
import { lenet, mlp } from "@gradloom/models";
import { Adam } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { compile, currentDevice, seed, tensor, uniform } from "@gradloom/tensor";
import type { Batch, Model } from "@gradloom/training";
import { fit } from "@gradloom/training";
import type { Case, Run } from "../measure.ts";

/** Steps of each kind that are timed together. */
const block = 40;

const batchSize = 128;

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] as number;

const synchronize = (): Promise<void> => currentDevice().backend.synchronize();

const learner = (build: () => Model) => {
  seed(1);
  const model = build() as Model & { call(x: Tensor): Tensor };
  return { model, optimizer: new Adam(model.parameters()) };
};

/** The step that one writes by hand: nothing but forward, backward and update. */
const byHand = (build: () => Model, { inputs, targets }: Batch): (() => void) => {
  const { model, optimizer } = learner(build);
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.call(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  return () => step(inputs as Tensor, targets).dispose();
};

/** `fit` as it comes, with its guard against NaN and its readings, on data that waits between blocks of steps. */
const byFit = (build: () => Model, batch: Batch): (() => Promise<number>) => {
  const { model, optimizer } = learner(build);
  let begin: (began: number) => void = () => undefined;
  let end: (ms: number) => void = () => undefined;
  const asked = () => new Promise<number>((resolve) => (begin = resolve));
  let next = asked();
  const data = {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const began = await next;
        next = asked();
        for (let i = 0; i < block; i++) yield batch;
        await synchronize();
        end(performance.now() - began);
      }
    },
  };
  fit(model, data, { loss: crossEntropy, optimizer }).catch((error: unknown) => {
    throw error;
  });
  return () => {
    const ended = new Promise<number>((resolve) => (end = resolve));
    begin(performance.now());
    return ended;
  };
};

/** Blocks of steps by hand and of steps in `fit` in turn, so that whatever else the machine does slows down both. */
const compare = (build: () => Model, shape: readonly number[]) => async (): Promise<Run> => {
  const batch = {
    inputs: await uniform([batchSize, ...shape]).evaluate(),
    targets: await tensor(Int32Array.from({ length: batchSize }, (_, i) => (i * 7) % 10)).evaluate(),
  };
  const [step, steps] = [byHand(build, batch), byFit(build, batch)];
  const times: { hand: number; fit: number }[] = [];
  const run = async (): Promise<void> => {
    const began = performance.now();
    for (let i = 0; i < block; i++) step();
    await synchronize();
    const hand = (performance.now() - began) / block;
    times.push({ hand, fit: (await steps()) / block });
  };
  const note = (): string => {
    const [hand, inFit] = [median(times.map((t) => t.hand)), median(times.map((t) => t.fit))];
    const ratio = median(times.map((t) => t.fit / t.hand));
    return `${inFit.toFixed(3)} ms per step in fit, ${hand.toFixed(3)} ms by hand, ratio ${ratio.toFixed(3)}`;
  };
  return Object.assign(run, { work: 2 * block, note });
};

const fitCase = (name: string, build: () => Model, shape: readonly number[]): Case => ({
  name,
  unit: "steps/s",
  work: 2 * block,
  scale: 1,
  only: { device: "cpu", because: "80 steps a run take minutes on a software GPU" },
  alone: true,
  prepare: compare(build, shape),
});

/** What `fit` adds to a step. */
export const fitCases: readonly Case[] = [
  fitCase("fit_mlp", () => mlp(784, 10, { hidden: [512, 512] }), [784]),
  fitCase("fit_lenet", () => lenet(), [28, 28, 1]),
];
