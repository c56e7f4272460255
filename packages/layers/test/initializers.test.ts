import { createReferenceBackend } from "@gradloom/backend-reference";
import * as L from "@gradloom/layers";
import type { RandomOptions, Shape, Tensor } from "@gradloom/tensor";
import { randomKey, useDevice, zeros } from "@gradloom/tensor";

/** The initializers: functions of a shape. One that is exported and has no row here does not compile. */
type InitializerName = {
  [K in keyof typeof L]: (typeof L)[K] extends (shape: Shape, options?: never) => Tensor ? K : never;
}[keyof typeof L];

interface InitializerRow {
  readonly shape: Shape;
  /** Standard deviation that the formula gives. */
  readonly std: number;
  readonly mean?: number;
  /** Largest magnitude; undefined for normal numbers. */
  readonly bound?: number;
  readonly options?: object;
  readonly bad: () => unknown;
  readonly message: string;
}

// A filter [3, 3, 20, 40]: fan in 180, fan out 360.
const shape = [3, 3, 20, 40];
const uniformOf = (std: number) => ({ std, bound: Math.sqrt(3) * std });
const flat = (
  name: InitializerName,
  initializer: L.Initializer,
): Pick<InitializerRow, "bad" | "message" | "shape"> => ({
  shape,
  bad: () => initializer([4]),
  message: `[${name}] needs a weight [...window, in, out], got [4]; use another initializer`,
});

const rows: Record<InitializerName, InitializerRow> = {
  constant: {
    shape: [3, 4],
    std: 0,
    mean: -2,
    bound: 2,
    options: { value: -2 },
    bad: () => L.constant([-1]),
    message: "[full] a shape holds whole numbers >= 0, got [-1]",
  },
  xavierUniform: { ...flat("xavierUniform", L.xavierUniform), ...uniformOf(Math.sqrt(2 / 540)) },
  xavierNormal: { ...flat("xavierNormal", L.xavierNormal), std: 3 * Math.sqrt(2 / 540), options: { gain: 3 } },
  kaimingUniform: { ...flat("kaimingUniform", L.kaimingUniform), ...uniformOf(Math.sqrt(2 / 180)) },
  kaimingNormal: {
    shape,
    std: (5 / 3) * Math.sqrt(1 / 360),
    options: { mode: "fanOut", nonlinearity: "tanh" },
    bad: () => L.kaimingNormal(shape, { mode: "fan_in" as "fanIn" }),
    message: '[kaimingNormal] unknown mode "fan_in"; use "fanIn" or "fanOut"',
  },
  lecunUniform: { ...flat("lecunUniform", L.lecunUniform), ...uniformOf(Math.sqrt(1 / 180)) },
  lecunNormal: {
    ...flat("lecunNormal", L.lecunNormal),
    std: Math.sqrt(1 / 180),
    bound: (2 * Math.sqrt(1 / 180)) / 0.8796256610342398,
  },
  orthogonal: { ...flat("orthogonal", L.orthogonal), std: 2 / Math.sqrt(180), options: { gain: 2 } },
  identity: {
    shape: [3, 4],
    std: Math.sqrt(3 / 4),
    mean: 0.5,
    bound: 2,
    options: { gain: 2 },
    bad: () => L.identity([2, 2, 2]),
    message: "[identity] makes matrices, got [2,2,2]; use dirac for filters",
  },
  dirac: {
    shape: [3, 2, 2, 4],
    std: Math.sqrt(4 / 48 - (4 / 48) ** 2),
    mean: 4 / 48,
    bound: 1,
    options: { groups: 2 },
    bad: () => L.dirac([3, 2, 4], { groups: 3 }),
    message: "[dirac] 4 output channels do not divide into 3 groups",
  },
};

const initializers = L as unknown as Record<InitializerName, L.Initializer>;

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

describe.each(Object.entries(rows) as [InitializerName, InitializerRow][])("%s", (name, row) => {
  const make = (how: RandomOptions = {}): Tensor =>
    initializers[name](row.shape, { key: randomKey(1), ...row.options, ...how });

  test("has the mean, deviation and bounds of its formula", async () => {
    const values = [...((await make({ dtype: "float64" }).data()) as Float64Array)];
    const n = values.length;
    const mean = values.reduce((sum, x) => sum + x, 0) / n;
    const std = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
    const random = row.mean === undefined;
    expect(Math.abs(mean - (row.mean ?? 0))).toBeLessThan(random ? (4 * row.std) / Math.sqrt(n) : 1e-9);
    expect(Math.abs(std - row.std)).toBeLessThan(random ? (4 * row.std) / Math.sqrt(n) : 1e-9);
    const largest = Math.max(...values.map(Math.abs));
    if (row.bound === undefined) expect(largest).toBeGreaterThan(2 * row.std);
    else expect(largest).toBeLessThanOrEqual(row.bound * (1 + 1e-9));
    if (random && row.bound !== undefined) expect(largest).toBeGreaterThan(0.99 * row.bound);
  });

  test("gives the element type asked for, and the same for the same key", async () => {
    expect(make({ dtype: "float64" }).dtype).toBe("float64");
    expect(make().dtype).toBe("float32");
    expect(make().shape).toEqual(row.shape);
    expect(await make().data()).toEqual(await make().data());
  });

  test("says what it refuses", () => {
    expect(row.bad).toThrow(expect.objectContaining({ message: row.message }));
  });
});

describe("orthogonal", () => {
  test.each([
    [5, 5],
    [7, 3],
    [3, 7],
    [2, 2, 2, 5],
  ])("makes rows or columns of [%s, %s, ...] orthonormal", async (...size) => {
    const columns = size.at(-1) as number;
    const matrix = L.orthogonal(size, { key: randomKey(2), dtype: "float64" }).reshape([-1, columns]);
    const tall = (matrix.shape[0] as number) >= columns;
    const gram = tall ? matrix.transpose().matmul(matrix) : matrix.matmul(matrix.transpose());
    const values = (await gram.data()) as Float64Array;
    const n = gram.shape[0] as number;
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(i % (n + 1) === 0 ? 1 : 0, 12);
    });
  });
});

describe("dirac", () => {
  test("copies channels of each group", async () => {
    const x = zeros([1, 4, 4, 4]).add(3);
    const layer = new L.Conv2d(4, 4, 3, {
      groups: 2,
      padding: "same",
      bias: false,
      weightInitializer: (size, options) => L.dirac(size, { ...options, groups: 2 }),
    });
    expect(await layer.call(x).data()).toEqual(await x.data());
  });
});

describe("fans", () => {
  test("count what a weight or filter connects", () => {
    expect(L.fans([5, 7])).toEqual({ fanIn: 5, fanOut: 7 });
    expect(L.fans([3, 3, 16, 32])).toEqual({ fanIn: 144, fanOut: 288 });
    expect(() => L.fans([4])).toThrow("[fans] needs a weight [...window, in, out], got [4]; use another initializer");
  });
});

describe("gain", () => {
  test("is PyTorch's", () => {
    const names = ["linear", "sigmoid", "tanh", "relu", "leakyRelu", "selu"] as const;
    expect(names.map((name) => L.gain(name).toFixed(4)).join(" ")).toBe("1.0000 1.0000 1.6667 1.4142 1.4141 0.7500");
    expect(L.gain("leakyRelu", 1)).toBe(1);
    expect(() => L.gain("gelu" as "relu")).toThrow(
      '[gain] unknown nonlinearity "gelu"; use one of linear, sigmoid, tanh, relu, leakyRelu, selu',
    );
  });
});

describe("layers", () => {
  test("start as PyTorch's do", async () => {
    const range = async (t: Tensor): Promise<number> => Math.max(...((await t.data()) as Float32Array).map(Math.abs));
    const linear = new L.Linear(100, 400);
    for (const { value } of linear.parameters()) {
      expect(await range(value)).toBeLessThanOrEqual(0.1);
      expect(await range(value)).toBeGreaterThan(0.099);
    }
    const conv = new L.Conv2d(8, 400, 5);
    const depthwise = new L.DepthwiseConv2d(400, 5);
    expect(await range(conv.weight.value)).toBeCloseTo(1 / Math.sqrt(200), 4);
    expect(await range(depthwise.weight.value)).toBeCloseTo(1 / 5, 3);
    const table = (await new L.Embedding(200, 50, { paddingIndex: 3 }).weight.value.data()) as Float32Array;
    expect(table.slice(150, 200).every((x) => x === 0)).toBe(true);
    expect(table.reduce((sum, x) => sum + x * x, 0) / 9950).toBeCloseTo(1, 1);
  });
});
