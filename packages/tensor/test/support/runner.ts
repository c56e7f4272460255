import { gradients } from "@gradloom/autograd";
import type { DType } from "@gradloom/backend";
import { computeType, DTypeError, dtypes, isFloat, roundTo, UnsupportedError } from "@gradloom/backend";
import type { Device, Tensor } from "../../src/index.ts";
import { tensor, useDevice } from "../../src/index.ts";
import type { Tolerance } from "./compare.ts";
import { difference } from "./compare.ts";
import { checkDerivatives } from "./derivatives.ts";
import { devicesUnderTest, missingRowDevices, rowDevices } from "./devices.ts";
import type { OpRow, Results, Rows, Sample } from "./row.ts";
import type { Values } from "./values.ts";

/** A sample's inputs as an element type holds them; unsigned types take sizes. */
const roundedTo = (dtype: DType, inputs: readonly Values[]): Values[] =>
  inputs.map((input) => {
    const type = input.dtype ?? dtype;
    const unsigned = type === "uint8" || type === "uint32";
    return { ...input, data: input.data.map((x) => roundTo(type, unsigned ? Math.abs(x) : x)) };
  });

const tensorOf = ({ shape, data, dtype }: Values, type: DType, device: Device): Tensor =>
  tensor(data as number[], { shape, dtype: dtype ?? type, device });

const run = async (sample: Sample, inputs: readonly Values[], type: DType, device: Device): Promise<Results> =>
  sample.call(...inputs.map((input) => tensorOf(input, type, device)));

const list = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? x : [x as T]);

const expectedOf = ({ expected }: Sample, inputs: readonly Values[]): readonly Values[] =>
  list(typeof expected === "function" ? expected(...inputs) : expected);

/** What a device says that it lacks: float64, or access for code that runs on the host. Such samples must fail in this way. */
const isLacking = (error: unknown, { backend }: Device): boolean => {
  if (!(error instanceof UnsupportedError)) return false;
  const type = /has no (\w+) memory|not calculate in (\w+)/.exec(error.message);
  if (type === null) return / runs on the host, which cannot reach /.test(error.message);
  return !backend.traits.storage.has((type[1] ?? type[2]) as DType);
};

/** Runs one sample in one type; an empty list when all results are right. */
const problemsOf = async (...args: Parameters<typeof compareSample>): Promise<string[]> => {
  try {
    return await compareSample(...args);
  } catch (error) {
    if (isLacking(error, args[2])) return [];
    throw error;
  }
};

const compareSample = async (sample: Sample, type: DType, device: Device, tolerance: Tolerance): Promise<string[]> => {
  const inputs = roundedTo(type, sample.inputs);
  const results = list(await run(sample, inputs, type, device));
  const wanted = expectedOf(sample, inputs);
  if (results.length !== wanted.length) return [`${results.length} results, not ${wanted.length}`];
  const found = results.map((result, i) => difference(result, wanted[i] as Values, tolerance));
  return (await Promise.all(found)).flatMap((problem) => problem ?? []);
};

const titleOf = (sample: Sample, i: number): string =>
  `${sample.name ?? `sample ${i}`} ${sample.inputs.map(({ shape }) => `[${shape}]`).join(" ")}`;

const isComplete = ({ shape, data }: Values): boolean => shape.reduce((n, m) => n * m, 1) === data.length;

/** The element types in which a sample runs; one where its inputs have types of their own. */
const typesOf = (sample: Sample, row: OpRow, { backend }: Device): readonly DType[] => {
  if (sample.inputs.every(({ dtype }) => dtype !== undefined)) return ["float32"];
  const { storage, compute } = backend.traits;
  return (sample.only ?? (["float32", "float64"] as const)).filter(
    (type) => storage.has(type) && compute.has(computeType(type)) && row.dtypes?.(type) !== undefined,
  );
};

/** The tests of one row. */
const testRow = (row: OpRow, devices: ReadonlyMap<string, Device>): void => {
  const tolerance: Tolerance = { units: row.tolerance ?? 4, scale: row.scale ?? "element" };

  test.each([...rowDevices.keys()])("values on %s", async (name) => {
    const device = await useDevice(devices.get(name) as Device);
    const problems: string[] = [];
    for (const [i, sample] of row.samples.entries()) {
      if (!sample.inputs.every(isComplete)) problems.push(`${titleOf(sample, i)}: wrong number of elements`);
      for (const type of typesOf(sample, row, device)) {
        const found = await problemsOf(sample, type, device, tolerance);
        problems.push(...found.map((problem) => `${titleOf(sample, i)} ${type}: ${problem}`));
      }
    }
    expect(problems).toEqual([]);
  });

  const { dtypes: rule } = row;
  if (rule !== undefined) {
    const sample = row.typed ?? (row.samples[0] as Sample);
    test.each([...rowDevices.keys()])("element types on %s", async (name) => {
      const device = await useDevice(devices.get(name) as Device);
      const problems: string[] = [];
      for (const type of dtypes) {
        const { storage, compute } = device.backend.traits;
        if (!storage.has(type) || !compute.has(computeType(type))) continue;
        const want = rule(type);
        if (want === undefined) {
          const refused = await run(sample, roundedTo(type, sample.inputs), type, device).catch((error) => error);
          if (!(refused instanceof DTypeError)) problems.push(`${type} is not refused by a DTypeError`);
          continue;
        }
        const results = await run(sample, roundedTo(type, sample.inputs), type, device).then(list, (error) => {
          if (isLacking(error, device)) return undefined;
          throw error;
        });
        if (results === undefined) continue;
        if (results[0]?.dtype !== want) problems.push(`${type} gives ${results[0]?.dtype}, not ${want}`);
        // Narrow floats are calculated in float32 and rounded where they are stored, at least once.
        const units = type === "float16" || type === "bfloat16" ? Math.max(4, tolerance.units) : tolerance.units;
        const found = await problemsOf(sample, type, device, { ...tolerance, units });
        problems.push(...found.map((problem) => `${type}: ${problem}`));
      }
      expect(problems).toEqual([]);
    });
  }

  if (row.gradient) {
    test("derivatives", async () => {
      const device = await useDevice(devices.get(devicesUnderTest[0] as string) as Device);
      const problems: string[] = [];
      const smooth = row.samples.filter(
        (sample) => sample.smooth !== false && sample.inputs.some(({ dtype }) => dtype === undefined),
      );
      if (smooth.length === 0) problems.push("no sample is smooth");
      for (const [i, sample] of smooth.entries()) {
        const problem = await checkDerivatives(sample, row.order ?? 2, device, (input, on) =>
          tensorOf(input, "float64", on),
        );
        if (problem !== undefined) problems.push(`${titleOf(sample, i)}: ${problem}`);
      }
      for (const { name, inputs, call, expected } of row.derivatives ?? []) {
        const xs = inputs.map((input) => tensorOf(input, "float64", device));
        const floats = xs.filter((x) => isFloat(x.dtype));
        for (const [k, g] of gradients(call(...xs).sum(), floats).entries()) {
          const want = { shape: floats[k]?.shape as number[], data: expected[k] as number[] };
          const problem = await difference(g, want, { units: 8, scale: "result" });
          if (problem !== undefined) problems.push(`${name}: gradient ${k}: ${problem}`);
        }
      }
      expect(problems).toEqual([]);
    });
  }

  if (row.errors.length > 0) {
    test("errors", async () => {
      await useDevice(devices.get(devicesUnderTest[0] as string) as Device);
      for (const { call, error, text } of row.errors) {
        const thrown = await (async () => call())().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(thrown).toBeInstanceOf(error);
        expect((thrown as Error).message).toBe(text);
      }
    });
  }
};

/** Runs all rows of a table as tests. What a row holds and how to add one: see `row.ts`. */
export const testRows = (rows: Rows): void => {
  const devices = new Map<string, Device>();
  beforeAll(async () => {
    for (const [name, open] of rowDevices) devices.set(name, await open());
  });
  for (const [name, reason] of Object.entries(missingRowDevices)) test.skip(`on ${name}: ${reason}`, () => {});
  for (const [name, row] of Object.entries(rows)) describe(name, () => testRow(row, devices));
};
