import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "../src/index.ts";
import { assign, matmul, memory, relu, tensor, useDevice, Variable } from "../src/index.ts";

let device: Device;
beforeEach(async () => {
  device = await useDevice(createReferenceBackend());
});

const values = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i));

/** One step of a small network on a fresh batch. */
const trainer = () => {
  const w1 = new Variable(tensor(values(64), { shape: [8, 8] }));
  const w2 = new Variable(tensor(values(16), { shape: [8, 2] }));
  return (i: number): Tensor => {
    const x = tensor(
      Float32Array.from({ length: 128 }, (_, k) => Math.cos(i + k)),
      { shape: [16, 8] },
    );
    const loss = matmul(relu(matmul(x, w1.value)), w2.value)
      .square()
      .mean();
    const [g1, g2] = gradients(loss, [w1, w2]) as [Tensor, Tensor];
    assign(
      [
        [w1, w1.value.sub(g1.mul(0.01))],
        [w2, w2.value.sub(g2.mul(0.01))],
      ],
      { keep: [loss] },
    );
    return loss;
  };
};

describe("memory", () => {
  test("10,000 steps that read the loss stay within 1 MB without any clean-up", async () => {
    const step = trainer();
    let early = 0;
    for (let i = 0; i < 10_000; i++) {
      const loss = await step(i).item();
      expect(loss).toBeGreaterThanOrEqual(0);
      if (i === 10) early = memory().liveBytes;
    }
    expect(memory().liveBytes - early).toBeLessThan(2 ** 20);
  }, 120_000);

  test("the same loop without reading keeps its graphs one step deep", async () => {
    const step = trainer();
    for (let i = 0; i < 500; i++) {
      const loss = step(i);
      expect(depthOf(loss)).toBeLessThan(20);
    }
    expect(device.pending.size).toBe(2);
    expect(memory().liveBytes).toBeLessThan(2 ** 20);
  });

  test("an evaluation keeps its targets only", async () => {
    const x = tensor(values(1000));
    const y = x.mul(2).add(1).sum();
    await y.data();
    expect(memory()).toMatchObject({ liveBytes: 0, tensors: 0 });
    const z = await x.mul(2).evaluate();
    expect(memory().tensors).toBe(1);
    z.dispose();
    expect(memory().liveBytes).toBe(0);
    await expect(z.data()).rejects.toThrow("the tensor has been disposed of");
  });

  test("using frees at the end of the block", async () => {
    {
      using x = await tensor(values(10)).add(1).evaluate();
      expect(memory().tensors).toBe(1);
      expect(x.size).toBe(10);
    }
    expect(memory().tensors).toBe(0);
  });

  test("a data set becomes resident by evaluating it", async () => {
    const x = await tensor(values(1000)).evaluate();
    expect(memory().liveBytes).toBeGreaterThanOrEqual(4000);
    const before = memory().liveBytes;
    await x.sum().item();
    expect(memory().liveBytes).toBe(before);
    expect([...(await x.data())]).toEqual([...values(1000)]);
  });
});

const depthOf = (t: Tensor): number => {
  let level: Tensor[] = [t];
  let depth = 0;
  const seen = new Set<Tensor>();
  while (level.length > 0 && depth < 1000) {
    depth++;
    level = level.flatMap((x) => x.inputs.filter((input) => !seen.has(input) && seen.add(input)));
  }
  return depth;
};
