import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "../src/index.ts";
import {
  assign,
  compile,
  matmul,
  seed,
  statistics,
  tanh,
  tensor,
  uniform,
  useDevice,
  Variable,
  zeros,
} from "../src/index.ts";

let device: Device;
beforeEach(async () => {
  device = await useDevice(createReferenceBackend());
});

const batch = (i: number): Tensor =>
  tensor(
    Float32Array.from({ length: 32 }, (_, k) => Math.sin(i * 32 + k)),
    { shape: [8, 4] },
  );

const dropout = (x: Tensor, rate: number): Tensor =>
  uniform(x.shape)
    .less(rate)
    .where(0, x.div(1 - rate));

/** A small network with momentum; the same code plain and compiled. */
const network = () => {
  const w = new Variable(
    tensor(
      Float32Array.from({ length: 12 }, (_, k) => Math.cos(k)),
      { shape: [4, 3] },
    ),
  );
  const momentum = new Variable(zeros([4, 3]));
  const step = (x: Tensor, rate: number): Tensor => {
    const loss = tanh(matmul(dropout(x, 0.3), w.value))
      .square()
      .mean();
    const [g] = gradients(loss, [w]) as [Tensor];
    const m = momentum.value.mul(0.9).add(g);
    assign(
      [
        [momentum, m],
        [w, w.value.sub(m.mul(rate))],
      ],
      { keep: [loss] },
    );
    return loss;
  };
  return { w, step };
};

describe("compile", () => {
  test("reads variables anew after their values were evaluated by themselves", async () => {
    const w = new Variable(tensor([1, 2]));
    const double = compile((x: Tensor) => x.mul(w.value).mul(2));
    const x = tensor([1, 1]);
    expect(await double(x).array()).toEqual([2, 4]);
    const copy = await w.value.evaluate();
    w.assign(tensor([5, 6]));
    expect(await double(x).array()).toEqual([10, 12]);
    w.assign(tensor([7, 8]));
    expect(await double(x).array()).toEqual([14, 16]);
    expect(await copy.array()).toEqual([1, 2]);
  });

  test("gives bit-identical parameters and losses after 100 steps, dropout included", async () => {
    const run = async (compiled: boolean): Promise<{ w: unknown; losses: number[] }> => {
      seed(7);
      const { w, step } = network();
      const fn = compiled ? compile(step) : step;
      const losses: number[] = [];
      for (let i = 0; i < 100; i++) losses.push(await fn(batch(i), 0.05).item());
      return { w: await w.value.array(), losses };
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test("random masks advance from call to call", async () => {
    seed(3);
    const masked = compile((x: Tensor) => dropout(x, 0.5));
    const x = tensor(new Float32Array(64).fill(1));
    const first = await masked(x).array();
    const second = await masked(x).array();
    expect(second).not.toEqual(first);
    seed(3);
    expect(await masked(x).array()).toEqual(first);
  });

  test("later calls of one signature plan nothing and run one evaluation", async () => {
    const { step } = network();
    const fn = compile(step);
    await fn(batch(0), 0.1).item();
    const before = statistics(device);
    for (let i = 1; i < 10; i++) await fn(batch(i), 0.1).item();
    const after = statistics(device);
    expect(after.plans).toBe(before.plans);
    expect(after.programs).toBe(before.programs);
    expect(after.evaluations).toBe(before.evaluations + 9);
  });

  test("a changed number is traced again but compiles nothing", async () => {
    const { step } = network();
    const fn = compile(step);
    await fn(batch(0), 0.1).item();
    const before = statistics(device);
    await fn(batch(1), 0.01).item();
    expect(statistics(device)).toMatchObject({ plans: before.plans, programs: before.programs });
  });

  test("takes and gives tensors in lists and objects", async () => {
    const fn = compile(({ a, rest }: { a: Tensor; rest: Tensor[] }, add: boolean) => ({
      total: rest.reduce((sum, t) => (add ? sum.add(t) : sum.sub(t)), a),
      same: a,
      text: "kept",
    }));
    const [x, y, z] = [tensor([1]), tensor([2]), tensor([3])] as [Tensor, Tensor, Tensor];
    const sum = fn({ a: x, rest: [y, z] }, true);
    expect(await sum.total.array()).toEqual([6]);
    expect(await sum.same.array()).toEqual([1]);
    expect(sum.text).toBe("kept");
    expect(await fn({ a: y, rest: [y, z] }, false).total.array()).toEqual([-3]);
    expect(await fn({ a: y, rest: [z] }, true).total.array()).toEqual([5]);
  });

  test("evaluates lazy arguments and sees variables that changed outside", async () => {
    const v = new Variable(tensor([1, 2]));
    const fn = compile((x: Tensor) => x.mul(v.value));
    expect(await fn(tensor([1, 1]).add(1)).array()).toEqual([2, 4]);
    v.assign(v.value.mul(10));
    expect(await fn(tensor([1, 1]).add(2)).array()).toEqual([30, 60]);
  });

  test("variables made by the first call go on from their values", async () => {
    let count: Variable | undefined;
    const fn = compile((x: Tensor) => {
      count ??= new Variable(tensor([10]));
      count.assign(count.value.add(x));
      return count.value;
    });
    expect(await fn(tensor([1])).array()).toEqual([11]);
    expect(await fn(tensor([5])).array()).toEqual([16]);
    expect(await (count as unknown as Variable).value.array()).toEqual([16]);
    const leaking = compile((x: Tensor) => new Variable(x).value);
    expect(() => leaking(tensor([1]))).toThrow(/^\[compile\] the function makes variables at every call/);
  });

  test("a function compiled once runs on the device of its arguments", async () => {
    const fn = compile((x: Tensor) => x.mul(2));
    expect(await fn(tensor([1, 2])).array()).toEqual([2, 4]);
    const other = await useDevice(createReferenceBackend());
    const y = fn(tensor([3, 4]));
    expect(y.device).toBe(other);
    expect(await y.array()).toEqual([6, 8]);
  });

  test("reading inside is refused, and nothing is left behind", async () => {
    const v = new Variable(tensor([1]));
    const fn = compile((x: Tensor) => {
      v.assign(x);
      return tensor([x.itemSync()]);
    });
    expect(() => fn(tensor([5]))).toThrow(
      "[compile] a value is read inside the compiled function; return the tensor and read the result",
    );
    expect(await v.value.array()).toEqual([1]);
  });

  test("asynchronous functions and functions as arguments are refused", () => {
    expect(() => compile(async (x: Tensor) => x)(tensor([1]))).toThrow(
      "[compile] the function is asynchronous; await outside of it",
    );
    expect(() => compile((f: () => void) => f())(() => undefined)).toThrow("[compile] an argument is a function");
  });
});
