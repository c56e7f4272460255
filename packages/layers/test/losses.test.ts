import { gradients } from "@gradloom/autograd";
import { createNullBackend } from "@gradloom/backend-reference";
import type { Reduction } from "@gradloom/layers";
import { crossEntropy, ctcLoss, nllLoss } from "@gradloom/layers";
import type { DType, Tensor } from "@gradloom/tensor";
import { compile, evaluate, explain, full, logSoftmax, tensor, useDevice, zeros } from "@gradloom/tensor";
import { lossRows } from "./rows/losses.ts";
import { devicesUnderTest } from "./support/devices.ts";
import type { LossRow } from "./support/row.ts";
import type { Stored } from "./support/values.ts";
import { expectClose, numbers, readReference, tensorOf } from "./support/values.ts";

/** What PyTorch gives for a loss. */
type Case = Readonly<Partial<Record<Reduction, Stored>>> & {
  readonly inputs: readonly Stored[];
  /** Of the mean; null where the input is not differentiated. */
  readonly gradients: readonly (Stored | null)[];
};

const stored = readReference<Case>("losses.json");

const cases: [string, LossRow["apply"]][] = Object.entries(lossRows).flatMap(([name, row]) => [
  [name, row.apply] as [string, LossRow["apply"]],
  ...Object.entries(row.cases).map(([title, apply]): [string, LossRow["apply"]] => [`${name} ${title}`, apply]),
]);

beforeEach(async () => {
  await useDevice("reference");
});

test("every stored case is looked at", () => {
  expect(cases.map(([name]) => name).sort()).toEqual(Object.keys(stored).sort());
});

describe.each(devicesUnderTest)("on %s", (device) => {
  beforeEach(async () => {
    await useDevice(device);
  });

  describe.each(cases)("%s", (name, apply) => {
    const want = stored[name] as Case;
    const inputs = (dtype: DType): Tensor[] => want.inputs.map((input) => tensorOf(input, dtype));
    const differentiated = (xs: readonly Tensor[]): Tensor[] => xs.filter((_, i) => want.gradients[i] !== null);

    test.each([
      ["float64", 1e-8],
      ["float32", 1e-4],
    ] as const)("gives PyTorch's losses and gradients in %s", async (dtype, tolerance) => {
      const xs = inputs(dtype);
      for (const reduction of ["none", "mean", "sum"] as const) {
        const wanted = want[reduction];
        if (wanted === undefined) continue;
        const loss = apply(xs, reduction);
        expect(loss.dtype).toBe(dtype);
        await expectClose(loss, wanted, tolerance, reduction);
      }
      const slopes = gradients(apply(xs, "mean"), differentiated(xs));
      await evaluate(...slopes);
      for (const gradient of want.gradients) {
        if (gradient !== null) await expectClose(slopes.shift() as Tensor, gradient, tolerance, "gradient");
      }
    });

    test("compiled is bit for bit what a plain call gives", async () => {
      const fn = (...xs: Tensor[]): Tensor[] => {
        const loss = apply(xs, "mean");
        return [loss, ...gradients(loss, differentiated(xs))];
      };
      const results = (list: readonly Tensor[]) => Promise.all(list.map((t) => t.data()));
      const plain = fn(...inputs("float32"));
      await evaluate(...plain);
      expect(await results(compile(fn)(...inputs("float32")))).toEqual(await results(plain));
    });
  });
});

describe.each(Object.entries(lossRows))("%s", (name, row) => {
  test("says what it refuses", () => {
    expect(row.bad).toThrow(expect.objectContaining({ message: row.message }));
    const inputs = stored[name]?.inputs.map((input) => tensorOf(input)) as Tensor[];
    expect(() => row.apply(inputs, "product" as Reduction)).toThrow(
      expect.objectContaining({ message: `[${name}] unknown reduction "product"; use "mean", "sum" or "none"` }),
    );
  });
});

describe("crossEntropy", () => {
  test("its losses and gradients are one pass over the logits", () => {
    const logits = tensor(Float32Array.from(numbers([64, 100])), { shape: [64, 100] });
    const labels = tensor(Int32Array.from({ length: 64 }, (_, i) => i));
    for (const options of [{}, { labelSmoothing: 0.1 }]) {
      const loss = crossEntropy(logits, labels, options);
      const { kernels } = explain(loss, ...gradients(loss, [logits]));
      const large = kernels.filter(({ shape }) => shape.length === 2);
      expect(large.map(({ kind }) => kind)).toEqual(["row"]);
      expect(kernels.length).toBeLessThanOrEqual(3);
    }
  });

  test("a label out of range gives NaN, unless it is ignored", async () => {
    const logits = tensor([numbers([3]), numbers([3], 2)]);
    const labels = tensor([1, 3], { dtype: "int32" });
    expect(await crossEntropy(logits, labels).item()).toBeNaN();
    const losses = (await crossEntropy(logits, labels, { ignoreIndex: 3, reduction: "none" }).data()) as Float32Array;
    expect(losses[1]).toBe(0);
    expect(losses[0]).toBeGreaterThan(0);
    expect(await nllLoss(logits, tensor([-1, 0], { dtype: "int32" })).item()).toBeNaN();
  });

  test("all labels ignored gives NaN as a mean, 0 as a sum, as in PyTorch", async () => {
    const logits = full([2, 3], 1);
    const labels = tensor([-100, -100], { dtype: "int32" });
    expect(await crossEntropy(logits, labels).item()).toBeNaN();
    expect(await crossEntropy(logits, labels, { reduction: "sum" }).item()).toBe(0);
  });
});

describe("ctcLoss", () => {
  test("labels that do not fit give infinity", async () => {
    const x = logSoftmax(tensor([numbers([2, 3]).slice(0, 3), numbers([3], 4)])).unsqueeze(0);
    const labels = tensor([[1, 1]], { dtype: "int32" });
    expect(await ctcLoss(x, labels).item()).toBe(Number.POSITIVE_INFINITY);
    expect(await ctcLoss(x, labels, { zeroInfinity: true }).item()).toBe(0);
  });

  test("the gradient's own gradient is right", async () => {
    const x = tensor(numbers([2, 6, 4]), { shape: [2, 6, 4], dtype: "float64" });
    const labels = tensor([1, 2, 2, 3, 1, 0], { dtype: "int32", shape: [2, 3] });
    const along = tensor(numbers([2, 6, 4], 9), { shape: [2, 6, 4], dtype: "float64" });
    const slope = (at: Tensor): Tensor => {
      const loss = ctcLoss(logSoftmax(at), labels, { inputLengths: [6, 5], targetLengths: [3, 2] });
      return (gradients(loss, [at])[0] as Tensor).mul(along).sum();
    };
    const step = along.mul(1e-5);
    const curvature = (gradients(slope(x), [x])[0] as Tensor).mul(along).sum();
    const difference = slope(x.add(step))
      .sub(slope(x.sub(step)))
      .div(2e-5);
    expect(await curvature.item()).toBeCloseTo(await difference.item(), 8);
  });

  test.each([20, 80])("%d times run the same few programs", async (time) => {
    const { backend } = await useDevice(createNullBackend());
    const x = zeros([2, time, 5]);
    const loss = ctcLoss(x, zeros([2, 3], { dtype: "int32" }));
    await evaluate(loss);
    expect(backend.programs).toBeLessThanOrEqual(10);
    await evaluate(...gradients(loss, [x]));
    // The joint of the gradients of all times is done in groups of groups.
    expect(backend.programs).toBeLessThanOrEqual(26);
  });

  test("lengths may be tensors", async () => {
    const x = logSoftmax(tensor(numbers([2, 4, 3]), { shape: [2, 4, 3] }));
    const labels = tensor(
      [
        [1, 2],
        [2, 0],
      ],
      { dtype: "int32" },
    );
    const lists = { inputLengths: [4, 3], targetLengths: [2, 1] };
    const tensors = {
      inputLengths: tensor([4, 3], { dtype: "int32" }),
      targetLengths: tensor([2, 1], { dtype: "int32" }),
    };
    expect(await ctcLoss(x, labels, tensors).item()).toBe(await ctcLoss(x, labels, lists).item());
  });
});
