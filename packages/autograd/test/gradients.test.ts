import { createReferenceBackend } from "@gradloom/backend-reference";
import type { NestedArray, Tensor } from "@gradloom/tensor";
import { assign, explain, matmul, ones, round, statistics, tanh, tensor, useDevice, Variable } from "@gradloom/tensor";
import {
  checkpoint,
  customGradient,
  grad,
  gradients,
  hessian,
  jacobian,
  jvp,
  stopGradient,
  valueAndGrad,
  vjp,
} from "../src/index.ts";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

const f64 = (values: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(values, { dtype: "float64" });

const close = (actual: NestedArray, expected: NestedArray): void => {
  const a = [actual].flat(9) as number[];
  const e = [expected].flat(9) as number[];
  expect(a).toHaveLength(e.length);
  a.forEach((v, i) => {
    expect(v).toBeCloseTo(e[i] as number, 10);
  });
};

describe("gradients", () => {
  test("of a product of matrices, by hand", async () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ]);
    const [g] = gradients(matmul(w, w).sum(), [w]) as [Tensor];
    // d sum(W W) / dW = 1 W^T + W^T 1, with 1 the matrix of ones.
    expect(await g.array()).toEqual([
      [7, 11],
      [9, 13],
    ]);
  });

  test("add up over all uses and undo broadcasting", async () => {
    const b = tensor([1, 2]);
    const x = ones([3, 2]);
    const loss = x.mul(b).sum().add(b.square().sum());
    expect(await (gradients(loss, [b])[0] as Tensor).array()).toEqual([5, 7]);
  });

  test("are zeros of the right shape where the loss does not depend on a tensor", async () => {
    const x = tensor([1, 2]);
    const [g, h] = gradients(x.sum(), [tensor([[5]]), stopGradient(x)]) as [Tensor, Tensor];
    expect(await g.array()).toEqual([[0]]);
    expect(await h.array()).toEqual([0, 0]);
  });

  test("of variables, before and after their values are evaluated", async () => {
    const v = new Variable(tensor([1, 2]));
    const loss = v.value.square().sum();
    expect(await loss.item()).toBe(5);
    expect(await (gradients(loss, [v])[0] as Tensor).array()).toEqual([2, 4]);
    v.assign(v.value.mul(10));
    const later = v.value.square().sum();
    expect(await later.item()).toBe(500);
    expect(await (gradients(later, [v])[0] as Tensor).array()).toEqual([20, 40]);
  });

  test("of a loss whose variables were updated since are refused", async () => {
    const v = new Variable(tensor([1, 2]));
    await v.value.evaluate();
    const loss = v.value.square().sum();
    assign([[v, v.value.add(1)]], { keep: [loss] });
    expect(await loss.item()).toBe(5);
    expect(() => gradients(loss, [v])).toThrow(/no longer has; take gradients before the update, or compute the loss/);
    v.assign(v.value.add(1));
    await v.value.data();
    expect(() => gradients(loss, [v])).toThrow(/was let go when variables were updated; take gradients before/);
  });

  test("refuse what has none", () => {
    const x = tensor([1, 2]);
    expect(() => gradients(x, [x])).toThrow(
      "[gradients] the loss must be one number, got [2]; reduce it with sum() or mean(), or give a seed",
    );
    expect(() => gradients(x.cast("int32").sum(), [x])).toThrow(
      "[gradients] only floats have gradients, got a result of int32",
    );
    expect(() => gradients(x, [x], ones([3]))).toThrow(
      "[gradients] the seed must be like the result, got float32 [3] for float32 [2]",
    );
  });

  test("deep graphs do not exhaust the stack", async () => {
    const x = tensor([1]);
    let y = x;
    for (let i = 0; i < 20_000; i++) y = y.add(1e-6);
    expect(await (gradients(y.sum(), [x])[0] as Tensor).array()).toEqual([1]);
  });
});

describe("higher orders", () => {
  test("derivatives of tanh up to the fourth", async () => {
    const at = 0.3;
    const t = Math.tanh(at);
    const s = 1 - t * t;
    const exact = [s, -2 * t * s, s * (6 * t * t - 2), s * t * (16 - 24 * t * t)];
    let f = (x: Tensor): Tensor => tanh(x).sum();
    for (const value of exact) {
      const derivative = grad(f);
      close(await derivative(f64([at])).array(), [value]);
      f = (x) => derivative(x).sum();
    }
  });

  test("jacobian and hessian against closed forms", async () => {
    const x = f64([0.5, -1, 2]);
    close(await jacobian((v) => v.square().mul(v.sum()), x).array(), [
      [0.25 + 1.5, 0.25, 0.25],
      [1, 1 - 3, 1],
      [4, 4, 4 + 6],
    ]);
    // f = (x0 x1 + x2)^2 has the Hessian 2 (u u^T) + 2 (f' part) with u = (x1, x0, 1).
    const f = (v: Tensor): Tensor => {
      const at = (i: number): Tensor => v.stridedSlice([i], [1]);
      return at(0).mul(at(1)).add(at(2)).square().sum();
    };
    const [a, b, c] = [0.5, -1, 2];
    const inner = a * b + c;
    close(await hessian(f, x).array(), [
      [2 * b * b, 2 * a * b + 2 * inner, 2 * b],
      [2 * a * b + 2 * inner, 2 * a * a, 2 * a],
      [2 * b, 2 * a, 2],
    ]);
  });

  test("jvp and vjp are adjoint: v (J t) = (v J) t", async () => {
    const fn = (x: Tensor, w: Tensor): Tensor => tanh(matmul(x, w));
    const x = f64([
      [0.1, 0.2],
      [0.3, -0.4],
      [0.5, 0.6],
    ]);
    const w = f64([
      [1, -1],
      [0.5, 2],
    ]);
    const tangents = [
      f64([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      f64([
        [-1, 1],
        [2, 0],
      ]),
    ];
    const v = f64([
      [1, -2],
      [0.5, 3],
      [2, 1],
    ]);
    const { tangent } = jvp(fn, [x, w], tangents);
    const { pullback } = vjp(fn, [x, w]);
    const left = await tangent.mul(v).sum().item();
    const [gx, gw] = pullback(v) as [Tensor, Tensor];
    const right = await gx
      .mul(tangents[0] as Tensor)
      .sum()
      .add(gw.mul(tangents[1] as Tensor).sum())
      .item();
    expect(left).toBeCloseTo(right, 12);
    // and J t is the derivative along the tangents, by central differences.
    const h = 1e-5;
    const moved = (sign: number): Tensor =>
      fn(x.add((tangents[0] as Tensor).mul(sign * h)), w.add((tangents[1] as Tensor).mul(sign * h)));
    const difference = (await moved(1)
      .sub(moved(-1))
      .div(2 * h)
      .array()) as number[][];
    const exact = (await tangent.array()) as number[][];
    exact.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(difference.flat()[i] as number, 7);
    });
  });

  test("valueAndGrad gives both", async () => {
    const { value, gradients: parts } = valueAndGrad((a, b) => a.mul(b as Tensor).sum())(
      tensor([1, 2]),
      tensor([3, 4]),
    );
    expect(await value.item()).toBe(11);
    expect(await Promise.all(parts.map((g) => g.array()))).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });
});

describe("customGradient", () => {
  const straightThrough = customGradient((x) => ({ value: round(x as Tensor), gradient: (g) => [g] }));

  test("replaces the rule", async () => {
    const x = tensor([0.4, 1.6]);
    const y = straightThrough(x);
    expect(await y.array()).toEqual([0, 2]);
    expect(await (gradients(y.mul(3).sum(), [x])[0] as Tensor).array()).toEqual([3, 3]);
  });

  test("a rule made at every call plans nothing new", async () => {
    const x = tensor([0.4, 1.6]);
    const step = (): Promise<unknown> =>
      (gradients(straightThrough(x).sum(), [x])[0] as Tensor).add(straightThrough(x)).data();
    await step();
    const { plans } = statistics();
    await step();
    expect(statistics().plans).toBe(plans);
  });

  test("refuses a rule with too few gradients", () => {
    const x = tensor([1]);
    const y = customGradient((a, b) => ({ value: (a as Tensor).add(b as Tensor), gradient: (g) => [g] }))(x, x);
    expect(() => gradients(y, [x])).toThrow("[withGradient] the rule gave 1 gradients for 2 inputs");
  });
});

describe("checkpoint", () => {
  const block = (x: Tensor, w: Tensor): Tensor => tanh(matmul(tanh(matmul(tanh(matmul(x, w)), w)), w));
  const run = (wrap: boolean): { loss: Tensor; parts: Tensor[] } => {
    const w = tensor(
      Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i) / 8),
      { shape: [64, 64] },
    );
    let x = tensor(
      Float32Array.from({ length: 256 * 64 }, (_, i) => Math.cos(i)),
      { shape: [256, 64] },
    );
    for (let i = 0; i < 4; i++) x = wrap ? checkpoint(block as (...inputs: Tensor[]) => Tensor)(x, w) : block(x, w);
    const loss = x.square().mean();
    return { loss, parts: gradients(loss, [w]) };
  };

  test("gives the same gradients with less scratch memory and more kernels", async () => {
    const plain = run(false);
    const saved = run(true);
    const [without, withIt] = [explain(plain.loss, ...plain.parts), explain(saved.loss, ...saved.parts)];
    expect(withIt.kernels.length).toBeGreaterThan(without.kernels.length);
    expect(withIt.scratchBytes).toBeLessThan(0.75 * without.scratchBytes);
    const [a, b] = [await (saved.parts[0] as Tensor).data(), await (plain.parts[0] as Tensor).data()];
    expect(a.every((v, i) => Math.abs(v - (b[i] as number)) < 1e-10)).toBe(true);
  });
});
