import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "../src/index.ts";
import {
  assign,
  conv2d,
  evaluate,
  explain,
  gelu,
  logSoftmax,
  matmul,
  oneHot,
  openDevice,
  relu,
  softmax,
  statistics,
  tensor,
  Variable,
  zeros,
} from "../src/index.ts";

let device: Device;
beforeAll(async () => {
  device = await openDevice(createReferenceBackend());
});

const random = (...shape: number[]): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) * 0.1),
    { shape, device },
  );
};

const kinds = (...targets: Tensor[]): string[] => explain(...targets).kernels.map(({ kind }) => kind);

/** Adam's update of parameters, as one assignment; the rate is an argument of kernels. */
const adam = (
  parameters: readonly Variable[],
  moments: readonly [Variable, Variable][],
  step: Variable,
  rate: number,
) => {
  return (loss: Tensor): void => {
    const t = step.value.add(1);
    const correction1 = t.constant(1).sub(t.constant(0.9).pow(t));
    const correction2 = t.constant(1).sub(t.constant(0.999).pow(t));
    const updates: [Variable, Tensor][] = [[step, t]];
    gradients(loss, parameters).forEach((g, i) => {
      const p = parameters[i] as Variable;
      const [m, v] = moments[i] as [Variable, Variable];
      const mean = m.value.mul(0.9).add(g.mul(0.1));
      const square = v.value.mul(0.999).add(g.square().mul(0.001));
      const size = mean.div(correction1).div(square.div(correction2).sqrt().add(1e-8));
      updates.push([m, mean], [v, square], [p, p.value.sub(size.mul(rate))]);
    });
    assign(updates, { keep: [loss] });
  };
};

const zerosLike = (v: Variable): Variable => new Variable(zeros(v.shape, { device }));

describe("fusion", () => {
  test("softmax over the last dimension is one row kernel", () => {
    expect(kinds(softmax(random(64, 1000)))).toEqual(["row"]);
  });

  test("softmax over another dimension is one row kernel too", () => {
    expect(kinds(softmax(random(8, 50, 20), 1))).toEqual(["row"]);
  });

  test.each(["none", "tanh"] as const)("gelu(x w + b) is one matmul (%s form)", (approximate) => {
    const y = gelu(matmul(random(128, 64), random(64, 32)).add(random(32)), { approximate });
    expect(kinds(y)).toEqual(["matmul"]);
  });

  test("matmul of a batch of sequences takes bias, activation and residual", () => {
    const x = random(4, 16, 32);
    expect(kinds(relu(matmul(x, random(32, 32)).add(random(32))).add(x))).toEqual(["matmul"]);
  });

  test("layer normalisation with scale and shift is one row kernel", () => {
    const x = random(128, 64);
    const centered = x.sub(x.mean(-1, true));
    const y = centered.div(centered.square().mean(-1, true).add(1e-5).sqrt()).mul(random(64)).add(random(64));
    expect(kinds(y)).toEqual(["row"]);
  });

  test("a convolution takes bias and activation", () => {
    const y = relu(conv2d(random(2, 8, 8, 3), random(3, 3, 3, 16)).add(random(16)));
    expect(kinds(y)).toEqual(["conv"]);
  });

  test("an elementwise chain through views is one map", () => {
    const x = random(6, 8);
    expect(kinds(x.mul(2).transpose().add(1).reshape([48]).tanh())).toEqual(["map"]);
  });

  test("a mean is one reduction with its epilogue", () => {
    expect(kinds(random(64, 64).square().mean().sqrt().add(1))).toEqual(["reduce"]);
  });

  test("long rows are not walked twice in one kernel", () => {
    const x = random(300_000);
    expect(kinds(x.div(x.sum()))).toEqual(["reduce", "map"]);
  });

  test("Adam's update of one parameter is one kernel with three outputs, in place", async () => {
    const p = new Variable(random(100, 30));
    const m = zerosLike(p);
    const v = zerosLike(p);
    await p.value.data();
    const g = random(100, 30);
    const mean = m.value.mul(0.9).add(g.mul(0.1));
    const square = v.value.mul(0.999).add(g.square().mul(0.001));
    assign([
      [m, mean],
      [v, square],
      [p, p.value.sub(mean.div(square.sqrt().add(1e-8)).mul(0.01))],
    ]);
    const { kernels } = explain(zeros([0], { device }).add(1));
    const update = kernels
      .filter(({ kind }) => kind === "map")
      .filter(({ shape }) => shape.length > 0 && shape[0] !== 0);
    expect(update.map(({ kind, outputs }) => [kind, outputs])).toEqual([["map", 3]]);
    const before = device.backend.memory().liveBytes;
    await p.value.data();
    expect(device.backend.memory().liveBytes).toBe(before);
  });

  test("a training step of a network of three layers runs few kernels, plans once, compiles once", async () => {
    const sizes = [784, 512, 512, 10];
    const parameters = sizes
      .slice(1)
      .flatMap((n, i) => [new Variable(random(sizes[i] as number, n)), new Variable(zeros([n], { device }))]);
    const moments = parameters.map((p): [Variable, Variable] => [zerosLike(p), zerosLike(p)]);
    const count = new Variable(zeros([], { device }));
    const x = random(128, 784);
    const labels = tensor(
      Int32Array.from({ length: 128 }, (_, i) => i % 10),
      { device },
    );
    const step = (rate: number): Tensor => {
      let h = x;
      for (let i = 0; i < 6; i += 2) {
        const z = matmul(h, (parameters[i] as Variable).value).add((parameters[i + 1] as Variable).value);
        h = i < 4 ? relu(z) : z;
      }
      const loss = oneHot(labels, 10).mul(logSoftmax(h)).sum(1).mean().neg();
      adam(parameters, moments, count, rate)(loss);
      return loss;
    };
    await step(0.001).item();
    const loss = step(0.001);
    expect(explain(loss).kernels.length).toBeLessThanOrEqual(25);
    await loss.item();
    const before = statistics(device);
    await step(0.002).item();
    await step(0.0005).item();
    const after = statistics(device);
    expect(after.plans).toBe(before.plans);
    expect(after.programs).toBe(before.programs);
    expect(after.evaluations).toBe(before.evaluations + 2);
  });
});

test("kernels do not wait for each other in a circle, however late they grow", async () => {
  // r p joins the kernel of p, which then waits for n; n e may not join the kernel of n, since e waits for p.
  const graph = (): Tensor[] => {
    const [x, w, z, v] = [random(8, 2), random(2, 8), random(8, 2), random(2, 8)];
    const p = x.mul(2);
    const e = matmul(p, w).sub(p.square().sum(-1, true));
    const n = matmul(z, v).mul(3);
    return [matmul(e, x), n.sum(-1, true).mul(p), n.mul(e), matmul(p, w), matmul(n, x)];
  };
  const apart = graph();
  const together = graph();
  for (const t of apart) await t.evaluate();
  await evaluate(...together);
  for (const [i, t] of together.entries()) expect(await t.array()).toEqual(await apart[i]?.array());
});
