import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device } from "../src/index.ts";
import {
  assign,
  DTypeError,
  evaluate,
  memory,
  openDevice,
  ShapeError,
  StaleTensorError,
  softmax,
  statistics,
  tensor,
  Variable,
  zeros,
} from "../src/index.ts";

let device: Device;
beforeEach(async () => {
  device = await openDevice(createReferenceBackend());
});

const vector = (...values: number[]) => tensor(values, { device });

describe("Variable", () => {
  test("takes new values with the next evaluation", async () => {
    const v = new Variable(vector(1, 2));
    v.assign(v.value.mul(10));
    expect(await v.value.array()).toEqual([10, 20]);
    v.assign(v.value.add(1));
    v.assign(v.value.add(1));
    expect(await v.value.array()).toEqual([12, 22]);
  });

  test("a stale read raises; a tensor evaluated before the update stays right", async () => {
    const v = new Variable(vector(1, 2));
    await v.value.evaluate();
    const copied = await v.value.evaluate();
    const lazy = v.value.mul(2);
    const evaluated = await v.value.mul(3).evaluate();
    v.assign(v.value.add(100));
    expect(await v.value.array()).toEqual([101, 102]);
    await expect(lazy.data()).rejects.toThrow(StaleTensorError);
    await expect(lazy.data()).rejects.toThrow(
      /was read after the variable was overwritten; evaluate it before the update/,
    );
    expect(await evaluated.array()).toEqual([3, 6]);
    expect(await copied.array()).toEqual([1, 2]);
  });

  test("what is read together with an update sees the old value", async () => {
    const v = new Variable(vector(1, 2));
    await v.value.data();
    const old = v.value.sum();
    v.assign(v.value.mul(2));
    expect(await old.item()).toBe(3);
    expect(await v.value.array()).toEqual([2, 4]);
  });

  test("kept tensors can be read after the update", async () => {
    const v = new Variable(vector(1, 2));
    for (let i = 0; i < 3; i++) {
      const loss = v.value.sum();
      assign([[v, v.value.add(1)]], { keep: [loss] });
      await v.value.data();
      expect(await loss.item()).toBe(3 + 2 * i);
    }
  });

  test("variables swap their values in one step", async () => {
    const a = new Variable(vector(1, 2));
    const b = new Variable(vector(3, 4));
    await a.value.data();
    assign([
      [a, b.value],
      [b, a.value],
    ]);
    expect(await a.value.array()).toEqual([3, 4]);
    expect(await b.value.array()).toEqual([1, 2]);
  });

  test("an update that reads its own variable in another order is not done in place", async () => {
    const v = new Variable(
      tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { device },
      ),
    );
    await v.value.data();
    v.assign(v.value.transpose().add(v.value));
    expect(await v.value.array()).toEqual([
      [2, 5],
      [5, 8],
    ]);
    v.assign(v.value.matmul(v.value));
    expect(await v.value.array()).toEqual([
      [29, 50],
      [50, 89],
    ]);
    v.assign(v.value.flip(0));
    expect(await v.value.array()).toEqual([
      [50, 89],
      [29, 50],
    ]);
  });

  test("an update that looks at whole rows is done in place", async () => {
    const x = tensor(
      Float32Array.from({ length: 5 * 37 }, (_, i) => Math.sin(i)),
      { shape: [5, 37], device },
    );
    const v = new Variable(x);
    const expected = await softmax(x).data();
    await v.value.data();
    const allocate = jest.spyOn(device.backend, "allocate");
    v.assign(softmax(v.value));
    await evaluate(vector());
    expect(allocate.mock.calls).toEqual([[0]]);
    allocate.mockRestore();
    expect(await v.value.data()).toEqual(expected);
  });

  test("one value for two variables gives each its own memory", async () => {
    const a = new Variable(vector(1));
    const b = new Variable(vector(2));
    const t = a.value.add(b.value);
    assign([
      [a, t],
      [b, t],
    ]);
    await a.value.data();
    a.assign(a.value.add(1));
    expect(await a.value.array()).toEqual([4]);
    expect(await b.value.array()).toEqual([3]);
  });

  test("a loop that reads nothing runs step by step", async () => {
    const v = new Variable(zeros([4], { device }));
    for (let i = 0; i < 50; i++) v.assign(v.value.add(1));
    expect(statistics(device).evaluations).toBe(50);
    expect(statistics(device).plans).toBeLessThanOrEqual(3);
    expect(await v.value.array()).toEqual([50, 50, 50, 50]);
  });

  test("updates within a step build on each other and evaluate nothing; the step's assignment finishes them", async () => {
    const mean = new Variable(vector(0), { trainable: false });
    const w = new Variable(vector(1));
    const step = (): void => {
      mean.update((current) => current.mul(0.5).add(w.value));
      mean.update((current) => current.mul(0.5).add(w.value));
      assign([[w, w.value.add(1)]]);
    };
    step();
    expect(statistics(device).evaluations).toBe(1); // the first values
    step();
    expect(statistics(device).evaluations).toBe(2);
    expect(await mean.value.array()).toEqual([3.375]);
    expect(statistics(device).evaluations).toBe(3);
    expect(await w.value.array()).toEqual([3]);
  });

  test("a value that is read between an update and the end of the step stays differentiable", async () => {
    const mean = new Variable(vector(0), { trainable: false });
    const w = new Variable(vector(2));
    await w.value.data();
    const loss = w.value.square().sum();
    mean.update((current) => current.add(loss.reshape([1])));
    expect(await loss.item()).toBe(4);
    expect(await mean.value.array()).toEqual([4]);
    expect(loss.forgotten).toBe(false);
  });

  test("a loop of nothing but updates does not grow its graph", async () => {
    const total = new Variable(vector(0));
    for (let i = 0; i < 100; i++) total.update((current) => current.add(1));
    expect(statistics(device).evaluations).toBe(4);
    expect(await total.value.array()).toEqual([100]);
  });

  test("bad values are refused and change nothing", async () => {
    const v = new Variable(vector(1, 2), { name: "w" });
    const w = new Variable(vector(5));
    expect(() => v.assign(vector(1, 2, 3))).toThrow(
      new ShapeError("w", "a variable keeps its shape, got [3] for [2]", "reshape the value"),
    );
    expect(() => v.assign(tensor([1, 2], { dtype: "int32", device }))).toThrow(DTypeError);
    expect(() =>
      assign([
        [w, vector(6)],
        [v, vector(1)],
      ]),
    ).toThrow(ShapeError);
    expect(await w.value.array()).toEqual([5]);
    expect(await v.value.array()).toEqual([1, 2]);
  });

  test("dispose frees the memory", async () => {
    const v = new Variable(zeros([1000], { device }));
    await v.value.data();
    expect(memory(device).tensors).toBe(1);
    v.dispose();
    expect(memory(device)).toMatchObject({ liveBytes: 0, tensors: 0 });
  });
});
