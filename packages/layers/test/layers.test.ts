import { gradients } from "@gradloom/autograd";
import type { AnyModule } from "@gradloom/layers";
import type { DType, Tensor } from "@gradloom/tensor";
import { compile, evaluate, seed, useDevice } from "@gradloom/tensor";
import { layerRows } from "./rows/layers.ts";
import { devicesUnderTest } from "./support/devices.ts";
import type { LayerRow } from "./support/row.ts";
import type { Stored } from "./support/values.ts";
import { expectClose, numbers, readReference, tensorOf } from "./support/values.ts";

/** What PyTorch gives for a layer. */
interface Case {
  readonly inputs: readonly Stored[];
  readonly state: Readonly<Record<string, Stored>>;
  readonly output: Stored;
  readonly inputGradients: readonly (Stored | null)[];
  readonly gradients: Readonly<Record<string, Stored>>;
  /** Buffers after the call. */
  readonly buffers: Readonly<Record<string, Stored>>;
  /** The output in evaluation, after the call. */
  readonly evaluated?: Stored;
}

const cases = readReference<Case>("layers.json");

const rows: [string, LayerRow][] = Object.entries(layerRows).flatMap(([name, row]) => [
  [name, row],
  ...Object.entries(row.cases ?? {}),
]);

const tensors = (stored: Readonly<Record<string, Stored>>, dtype: DType): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, tensorOf(value, dtype)]));

const shapes = (variables: ReadonlyMap<string, { readonly shape: readonly number[] }>) =>
  Object.fromEntries([...variables].map(([name, { shape }]) => [name, shape]));

/** Output, input gradients and parameter gradients of one call. */
const step = (layer: AnyModule, inputs: readonly Tensor[]): Tensor[] => {
  const y: Tensor = layer.call(...inputs);
  const cotangent = tensorOf({ shape: y.shape, data: numbers(y.shape, 99) }, y.dtype);
  const wanted = inputs.filter(({ dtype }) => dtype !== "int32");
  return [y, ...gradients(y, [...wanted, ...layer.parameters()], cotangent)];
};

const loaded = (row: LayerRow, { state }: Case, dtype: DType): AnyModule => {
  const layer = row.make({ dtype });
  layer.loadStateDict(tensors(state, dtype));
  return layer;
};

beforeEach(async () => {
  await useDevice("reference");
  seed(5);
});

test("every case has a row", () => {
  expect(Object.keys(cases).sort()).toEqual(rows.map(([name]) => name).sort());
});

describe.each(devicesUnderTest)("on %s", (device) => {
  beforeEach(async () => {
    await useDevice(device);
  });

  describe.each(rows)("%s", (name, row) => {
    const want = cases[name] as Case;
    const inputs = (dtype: DType): Tensor[] => want.inputs.map((input) => tensorOf(input, dtype));

    test("has its parameters, buffers and output shape", () => {
      const layer = row.make({});
      expect(shapes(layer.namedParameters())).toEqual(row.parameters);
      expect(shapes(layer.namedBuffers())).toEqual(row.buffers ?? {});
      expect(layer.summary(...inputs("float32")).rows[0]?.outputShape).toEqual(row.output);
      expect(layer.training).toBe(true);
    });

    test.each([
      ["float64", 1e-8],
      ["float32", 2e-4],
    ] as const)("gives PyTorch's output, gradients and buffers in %s", async (dtype, tolerance) => {
      const layer = loaded(row, want, dtype);
      if (row.random) layer.eval();
      const xs = inputs(dtype);
      const [y, ...slopes] = step(layer, xs) as [Tensor, ...Tensor[]];
      expect(y.dtype).toBe(dtype);
      await evaluate(y, ...slopes);
      await expectClose(y, want.output, tolerance, "output");
      for (const stored of want.inputGradients) {
        if (stored !== null) await expectClose(slopes.shift() as Tensor, stored, tolerance, "input gradient");
      }
      for (const parameter of layer.namedParameters().keys()) {
        await expectClose(slopes.shift() as Tensor, want.gradients[parameter] as Stored, tolerance, parameter);
      }
      for (const [buffer, { value }] of layer.namedBuffers()) {
        await expectClose(value, want.buffers[buffer] as Stored, tolerance, buffer);
      }
      layer.eval();
      await expectClose(layer.call(...xs), want.evaluated ?? want.output, tolerance, "output in evaluation");
    });

    test("training and evaluation differ where they should", async () => {
      const layer = loaded(row, want, "float32");
      const xs = inputs("float32");
      const trained: Tensor = layer.train().call(...xs);
      const before = await trained.data();
      const evaluated: Tensor = layer.eval().call(...xs);
      expect(layer.modules().every(({ training }) => !training)).toBe(true);
      expect(String(await evaluated.data()) !== String(before)).toBe(row.differs ?? false);
    });

    test("gives the same after its state was loaded into another", async () => {
      const xs = inputs("float32");
      const [one, other] = [row.make({}), row.make({})];
      other.loadStateDict(one.stateDict());
      expect(Object.keys(other.stateDict())).toEqual(Object.keys(one.stateDict()));
      const outputs: Tensor[] = [one.eval().call(...xs), other.eval().call(...xs)];
      await evaluate(...outputs);
      expect(await outputs[1]?.data()).toEqual(await outputs[0]?.data());
    });

    test("compiled is bit for bit what plain calls give", async () => {
      const run = async (compiled: boolean): Promise<unknown[]> => {
        seed(7);
        const layer = loaded(row, want, "float32");
        const fn = (...xs: Tensor[]): Tensor[] => step(layer, xs);
        const call = compiled ? compile(fn) : fn;
        const results: unknown[] = [];
        for (let i = 0; i < 2; i++) {
          const outputs = call(...inputs("float32"));
          await evaluate(...outputs);
          for (const output of outputs) results.push(await output.data());
        }
        for (const buffer of layer.buffers()) results.push(await buffer.value.data());
        return results;
      };
      expect(await run(true)).toEqual(await run(false));
    });

    test("says what it refuses", () => {
      expect(row.bad).toThrow(expect.objectContaining({ message: row.message }));
    });
  });
});
