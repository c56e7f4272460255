import type { Backend, BinaryOp, ExpressionNode, MapKernel, UnaryOp } from "@gradloom/backend";
import { createWebGpuBackend } from "../src/index.ts";
import { describeOn } from "./support/drivers.ts";

const apply = async (device: Backend, op: UnaryOp | BinaryOp, args: readonly Float32Array<ArrayBuffer>[]) => {
  const { length, byteLength } = args[0] as Float32Array;
  const view = { shape: [length], strides: [1], offset: 0, valid: undefined };
  const loads = args.map((_, input): ExpressionNode => ({ op: "load", type: "float32", input }));
  const node = { op, type: "float32", args: args.map((_, i) => i) } as unknown as ExpressionNode;
  const kernel: MapKernel = {
    kind: "map",
    shape: [length],
    inputs: args.map(() => ({ dtype: "float32", view })),
    scalars: [],
    nodes: [...loads, node],
    outputs: [{ dtype: "float32", node: args.length, strides: [1] }],
  };
  const bind = () => ({ buffer: device.allocate(byteLength), byteOffset: 0 });
  const result = bind();
  const buffers = args.map((arg) => {
    const binding = bind();
    device.upload(binding, arg);
    return binding;
  });
  device.run([{ program: device.prepare(kernel), buffers: [...buffers, result], scalars: [] }]);
  const got = new Float32Array(await device.download(result, byteLength));
  for (const { buffer } of [...buffers, result]) device.free(buffer);
  return got;
};

const smallest = 2 ** -126;
const tiny = 16 * smallest;
const unit = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), smallest))) - 23);

/** The largest error in units of the last place. Special values must be met exactly; what comes near the subnormal numbers may be 0. */
const worst = (
  args: readonly Float32Array[],
  got: Float32Array,
  exact: (...args: number[]) => number,
): readonly [units: number, where: string] => {
  let most: readonly [number, string] = [0, ""];
  got.forEach((x, i) => {
    const given = args.map((arg) => arg[i] as number);
    if (given.some((a) => a !== 0 && Math.abs(a) < tiny)) return;
    const y = exact(...given);
    const rounded = Math.fround(y);
    if (x === rounded || (Number.isNaN(x) && Number.isNaN(y)) || Math.max(Math.abs(x), Math.abs(y)) < tiny) return;
    const error = Number.isFinite(x) && Number.isFinite(rounded) ? Math.abs(x - y) / unit(y) : Infinity;
    if (error > most[0]) most = [error, `(${given.join(", ")}) gives ${x} instead of ${y}`];
  });
  return most;
};

const special = [
  ...[0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5, 7, 0.1, Number.NaN, Infinity, -Infinity, smallest, 3e38, -3e38],
  ...[88.7, 88.75, -87.3, -87.4, 100, -100, 1e-10, -1e-10, 8388607.5, -8388607, 16777218, 1e5, 1e10, 1e20, -1e20],
];

/** Numbers of every size, and densely those where functions bend. */
const samples = (): Float32Array<ArrayBuffer> => {
  const count = 60_000;
  const every = Uint32Array.from({ length: count }, (_, i) => Math.imul(i, 2654435761) ^ (i << 7));
  const dense = Float32Array.from({ length: count }, (_, i) => (i / count - 0.5) * 24);
  return Float32Array.from([...special, ...dense, ...new Float32Array(every.buffer)]);
};

/** Pairs of all special values, and of random numbers of many sizes. */
const pairs = (op: BinaryOp): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] => {
  const list = special.flatMap((a) => special.map((b): [number, number] => [a, b]));
  for (let i = 0; i < 20_000; i++) {
    const a = Math.sin(i * 12.9898) * 2 ** ((i % 120) - 60);
    const b = Math.cos(i * 78.233) * (op === "pow" ? 2 ** ((i % 9) - 4) : 2 ** ((i % 61) - 30));
    list.push(
      [a, b],
      [Math.abs(a), b],
      [1 + Math.sin(i) * 1e-3, b * 1e4],
      [1 + Math.abs(Math.sin(i)), 120 * Math.cos(i)],
    );
  }
  return [Float32Array.from(list, ([a]) => a), Float32Array.from(list, ([, b]) => b)];
};

/** The error function by its series below 2 and the continued fraction of its complement above. */
const erf = (x: number): number => {
  const size = Math.abs(x);
  if (!(size < 6)) return Math.sign(x);
  if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 60; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (size + fraction)));
};

describeOn(["lavapipe", "SwiftShader"], (gpu) => {
  let device: Backend;
  beforeAll(async () => {
    device = await createWebGpuBackend({ gpu });
  });
  afterAll(() => device.dispose());

  test.each([
    ["exp", Math.exp, 1.2],
    ["expm1", Math.expm1, 1.5],
    ["log", Math.log, 1],
    ["log1p", Math.log1p, 1.5],
    ["sin", Math.sin, 2.8],
    ["cos", Math.cos, 2.8],
    ["atan", Math.atan, 2.3],
    ["tanh", Math.tanh, 1.5],
    ["erf", erf, 1.2],
  ] as const)("%s", async (op, exact, most) => {
    const x = samples();
    const [units, where] = worst([x], await apply(device, op, [x]), exact);
    expect({ where, close: units <= most }).toEqual({ where, close: true });
  });

  test.each([
    ["pow", (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b), 3],
    ["atan2", Math.atan2, 2.3],
    ["rem", (a: number, b: number) => a % b, 0],
  ] as const)("%s", async (op, exact, most) => {
    const args = pairs(op);
    const [units, where] = worst(args, await apply(device, op, args), exact);
    expect({ where, close: units <= most }).toEqual({ where, close: true });
  });
});
