import { createReferenceBackend } from "@gradloom/backend-reference";
import {
  conv2d,
  explain,
  log,
  matmul,
  NonFiniteError,
  profile,
  setDebug,
  statistics,
  tensor,
  useDevice,
  zeros,
} from "../src/index.ts";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

const values = (...shape: number[]) =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 7),
    { shape },
  );

describe("explain", () => {
  test("lists kernels with their operations, traffic and arithmetic", () => {
    const y = matmul(values(8, 16), values(16, 4)).add(values(4)).sum(0);
    const explanation = explain(y);
    const { kernels, scratchBytes } = explanation;
    expect(kernels.map(({ kind, shape, operations }) => [kind, shape, operations])).toEqual([
      ["matmul", [8, 4], ["matmul", "add"]],
      ["reduce", [4, 8], ["sum"]],
    ]);
    expect(kernels[0]).toMatchObject({
      inputs: 3,
      outputs: 1,
      bytes: 4 * (128 + 64 + 4 + 32),
      flops: 2 * 8 * 16 * 4 + 32,
    });
    expect(scratchBytes).toBeGreaterThanOrEqual(128);
    expect(String(explanation).split("\n")).toHaveLength(2);
  });

  test("counts a convolution's arithmetic the same in all directions", () => {
    const { kernels } = explain(conv2d(values(2, 8, 8, 3), values(3, 3, 3, 5)));
    expect(kernels[0]?.flops).toBe(2 * (2 * 6 * 6 * 5) * 27);
  });

  test("runs nothing", () => {
    const before = statistics();
    explain(values(4).add(1));
    expect(statistics().kernels).toBe(before.kernels);
  });

  test("has nothing to say of what is evaluated", async () => {
    expect(explain(await values(4).evaluate()).kernels).toEqual([]);
  });
});

describe("profile", () => {
  test("times every kernel that ran, and the results are right", async () => {
    let total = 0;
    const report = await profile(async () => {
      total = await values(100).mul(2).sum().item();
      await values(4, 4).matmul(values(4, 4)).data();
    });
    expect(total).toBe(2 * [...Array(100).keys()].reduce((sum, i) => sum + (i % 7), 0));
    expect(report.kernels.map(({ kind }) => kind)).toEqual(["reduce", "matmul"]);
    expect(report.kernels.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(report.toString()).toContain("ms in all");
  });
});

describe("debug mode", () => {
  afterEach(() => setDebug(false));

  test("names the first operation that makes NaN or infinity, and its line", () => {
    setDebug(true);
    const x = tensor([1, 0, 2]);
    const y = x.mul(3);
    expect(y.itemSync).toBeDefined();
    expect(() => log(y).mul(0)).toThrow(NonFiniteError);
    expect(() => log(y)).toThrow(/^\[log\] made NaN or infinity of finite inputs, at .*explain\.test\.ts/);
  });

  test("lets NaN of the inputs pass", async () => {
    setDebug(true);
    const x = tensor([1, Number.NaN]);
    expect(
      await x
        .add(1)
        .mul(zeros([2]))
        .array(),
    ).toEqual([0, Number.NaN]);
  });
});
