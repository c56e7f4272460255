import { gradients } from "@gradloom/autograd";
import { createNullBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "@gradloom/tensor";
import { compile, currentDevice, evaluate, matmul, relu, tensor, useDevice, Variable, zeros } from "@gradloom/tensor";
import type { Case } from "../measure.ts";

/** What the library itself costs: these run on a device that computes nothing. */
const onNothing = <T>(fn: () => Promise<T>): Promise<T> => {
  const before: Device = currentDevice();
  return useDevice(createNullBackend())
    .then(fn)
    .finally(() => useDevice(before));
};

const layers = 10;

/** The graph of one training step, built and thrown away. */
const step = (x: Tensor, weights: readonly Variable[], rate: number): [Variable, Tensor][] => {
  let h = x;
  for (const w of weights) h = relu(matmul(h, w.value));
  const loss = h.square().mean();
  return gradients(loss, weights).map((g, i) => {
    const w = weights[i] as Variable;
    return [w, w.value.sub(g.mul(rate))];
  });
};

const build = async (): Promise<{ x: Tensor; weights: Variable[] }> => {
  const weights = Array.from({ length: layers }, () => new Variable(zeros([32, 32])));
  const x = await tensor(new Float32Array(1024), { shape: [32, 32] }).evaluate();
  for (const w of weights) await evaluate(w.value);
  return { x, weights };
};

/** Nodes of one such graph. */
const countNodes = (x: Tensor, weights: readonly Variable[]): number => {
  const before = x.constant(0).id;
  step(x, weights, 0.1);
  return x.constant(0).id - before - 1;
};

const kernels = 100;

const anyDevice = { device: "cpu", because: "it costs the same on every device" };

export const overheadCases: readonly Case[] = [
  {
    name: "graph_build_node",
    unit: "Mnode/s",
    work: 1,
    scale: 1e6,
    only: anyDevice,
    alone: true,
    prepare: () =>
      onNothing(async () => {
        const { x, weights } = await build();
        const run = async (): Promise<unknown> => step(x, weights, 0.1);
        return Object.assign(run, { work: countNodes(x, weights) });
      }),
  },
  {
    name: "compiled_replay_100",
    unit: "steps/s",
    work: 1,
    scale: 1,
    only: anyDevice,
    alone: true,
    prepare: () =>
      onNothing(async () => {
        const w = await tensor(new Float32Array(16), { shape: [4, 4] }).evaluate();
        const x = await tensor(new Float32Array(16), { shape: [4, 4] }).evaluate();
        const replay = compile((input: Tensor) => {
          let h = input;
          for (let i = 0; i < kernels; i++) h = matmul(h, w);
          return h;
        });
        return async () => replay(x).dispose();
      }),
  },
];
