import type { BinaryOp, ExpressionNode, UnaryOp } from "@gradloom/backend";
import { createCpuBackend } from "../src/index.ts";
import { hasRelaxedSimd } from "../src/relaxedSimd.ts";

type Float = "float32" | "float64";
type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const arrays = { float32: Float32Array, float64: Float64Array };
const bits = { float32: 23, float64: 52 };
const smallest = { float32: -149, float64: -1074 };

/** The distance between floats around `x`. */
const unit = (type: Float, x: number): number => {
  const exponent = x === 0 ? -2000 : Math.floor(Math.log2(Math.abs(x)));
  return 2 ** Math.max(exponent - bits[type], smallest[type]);
};

const variants = [false, ...(hasRelaxedSimd() ? [true] : [])].map((relaxed) => ({
  relaxed,
  device: createCpuBackend({ threads: 1, relaxed }),
}));

afterAll(() => {
  for (const { device } of variants) device.dispose();
});

const apply = (
  device: (typeof variants)[number]["device"],
  op: UnaryOp | BinaryOp,
  type: Float,
  args: readonly Numbers[],
): Numbers => {
  const { length, byteLength } = args[0] as Numbers;
  const view = { shape: [length], strides: [1], offset: 0, valid: undefined };
  const loads = args.map((_, input): ExpressionNode => ({ op: "load", type, input }));
  const node = { op, type, args: args.map((_, i) => i) } as unknown as ExpressionNode;
  const program = device.prepare({
    kind: "map",
    shape: [length],
    inputs: args.map(() => ({ dtype: type, view })),
    scalars: [],
    nodes: [...loads, node],
    outputs: [{ dtype: type, node: args.length, strides: [1] }],
  });
  const buffers = [...args, undefined].map(() => ({ buffer: device.allocate(byteLength), byteOffset: 0 }));
  args.forEach((arg, i) => {
    device.upload(buffers[i] as (typeof buffers)[number], arg);
  });
  device.run([{ program, buffers, scalars: [] }]);
  const result = new arrays[type](
    device.downloadSync?.(buffers[args.length] as (typeof buffers)[number], byteLength) as ArrayBuffer,
  );
  for (const { buffer } of buffers) device.free(buffer);
  return result;
};

/** The largest error in units of the last place; special values must be met exactly. */
const worst = (type: Float, got: Numbers, exact: (i: number) => number, say: (i: number) => string): number => {
  let most = 0;
  for (let i = 0; i < got.length; i++) {
    const x = got[i] as number;
    const y = exact(i);
    const rounded = type === "float32" ? Math.fround(y) : y;
    if (Object.is(x, rounded) || (Number.isNaN(x) && Number.isNaN(y))) continue;
    if (!Number.isFinite(rounded) || !Number.isFinite(x) || (x === 0 && rounded === 0)) {
      // Where the type ends, one unit decides between a number and infinity.
      const largest = type === "float32" ? 3.4028234e38 : Number.MAX_VALUE;
      if (Math.sign(x) === Math.sign(y) && Math.abs(x) >= largest && Math.abs(y) >= largest * (1 - 2 ** -22)) continue;
      throw new Error(
        `${say(i)} is ${Object.is(x, -0) ? "-0" : x} instead of ${Object.is(rounded, -0) ? "-0" : rounded}`,
      );
    }
    most = Math.max(most, Math.abs(x - y) / unit(type, y));
  }
  return most;
};

const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** -149,
  -(2 ** -149),
  1e-40,
  -1e-40,
  2 ** -126,
  3.4028234e38,
  -3.4028234e38,
  88.7,
  88.75,
  -87.5,
  -103.9,
  -104.1,
  100,
  -100,
  1e-10,
  8388607.5,
  16777218,
  1e5,
  1e10,
  1e20,
  709.7,
  710.5,
  -745,
  -746,
  5e-324,
  1e-310,
  1.7e308,
  -1.7e308,
];

/** Numbers of every size, and densely those where functions bend. */
const samples = (type: Float): Numbers => {
  const count = 120_000;
  const list = new arrays[type](2 * count + special.length);
  for (let i = 0; i < count; i++) list[i] = (i / count - 0.5) * 24;
  const every = new Uint32Array(type === "float32" ? count : 2 * count);
  for (let i = 0; i < every.length; i++) every[i] = Math.imul(i, 2654435761) ^ (i << 7);
  list.set(new arrays[type](every.buffer), count);
  list.set(special, 2 * count);
  return list;
};

interface Row {
  readonly exact: (x: number) => number;
  /** Most units of the last place by which results differ from the exact ones; JavaScript's functions are themselves 1 off at times. */
  readonly most: { readonly [T in Float]: number };
}

/** The error function, good to float32: its series below 2, the continued fraction of its complement above. */
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

const rows: Readonly<Record<string, Row>> = {
  exp: { exact: Math.exp, most: { float32: 2.1, float64: 3 } },
  expm1: { exact: Math.expm1, most: { float32: 1.6, float64: 2 } },
  log: { exact: Math.log, most: { float32: 1, float64: 1 } },
  log1p: { exact: Math.log1p, most: { float32: 1, float64: 1 } },
  sin: { exact: Math.sin, most: { float32: 1.6, float64: 1 } },
  cos: { exact: Math.cos, most: { float32: 1.6, float64: 1 } },
  atan: { exact: Math.atan, most: { float32: 2, float64: 2 } },
  tanh: { exact: Math.tanh, most: { float32: 5.2, float64: 4 } },
  // Below 2 the exact value is good to some ten units of float64.
  erf: { exact: erf, most: { float32: 5.2, float64: 14 } },
  sqrt: { exact: Math.sqrt, most: { float32: 0.5, float64: 0 } },
};

describe.each(variants.map(({ relaxed, device }) => ({ relaxed, device })))("relaxed SIMD: $relaxed", ({ device }) => {
  describe.each(["float32", "float64"] as const)("%s", (type) => {
    const x = samples(type);
    test.each(Object.entries(rows))("%s", (op, { exact, most }) => {
      const got = apply(device, op as UnaryOp, type, [x]);
      const error = worst(
        type,
        got,
        (i) => exact(x[i] as number),
        (i) => `${op}(${x[i]})`,
      );
      expect(error).toBeLessThanOrEqual(most[type]);
    });

    test.each([
      ["pow", (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b), 0.51, 2],
      ["atan2", Math.atan2, 2, 2],
      ["rem", (a: number, b: number) => a % b, 0, 0],
    ] as const)("%s", (op, exact, most32, most64) => {
      const pairs: number[][] = special.flatMap((a) => [...special, 3, -3, 2.5, 7, 0.1, -8388607].map((b) => [a, b]));
      for (let i = 0; i < 40_000; i++) {
        const a = Math.sin(i * 12.9898) * 2 ** ((i % 120) - 60);
        const b = Math.cos(i * 78.233) * (op === "pow" ? 2 ** ((i % 9) - 4) : 2 ** ((i % 61) - 30));
        pairs.push([a, b], [Math.abs(a), b], [1 + Math.sin(i) * 1e-3, b * 1e4]);
      }
      const [a, b] = [0, 1].map((k) => new arrays[type](pairs.map((pair) => pair[k] as number))) as [Numbers, Numbers];
      const got = apply(device, op, type, [a, b]);
      const error = worst(
        type,
        got,
        (i) => exact(a[i] as number, b[i] as number),
        (i) => `${op}(${a[i]}, ${b[i]})`,
      );
      expect(error).toBeLessThanOrEqual(type === "float32" ? most32 : most64);
    });
  });

  test("erf of float64 by known values", () => {
    const known = [
      [0.001, 0.0011283787909692365],
      [0.1, 0.1124629160182849],
      [0.25, 0.27632639016823696],
      [0.4375, 0.463898135749933],
      [0.75, 0.7111556336535151],
      [0.984375, 0.8361128700503965],
      [1, 0.8427007929497149],
      [1.03125, 0.855271810442917],
      [1.25, 0.9229001282564583],
      [1.71875, 0.9849294635082112],
      [1.9, 0.9927904292352575],
      [2, 0.9953222650189527],
      [3, 0.9999779095030014],
      [4, 0.9999999845827421],
      [5.5, 0.9999999999999927],
    ];
    const x = Float64Array.from(known.map(([a]) => a as number));
    const got = apply(device, "erf", "float64", [x]);
    expect(
      worst(
        "float64",
        got,
        (i) => known[i]?.[1] as number,
        (i) => `erf(${x[i]})`,
      ),
    ).toBeLessThanOrEqual(3);
  });
});
