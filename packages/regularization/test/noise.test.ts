import { createReferenceBackend } from "@gradloom/backend-reference";
import type { AnyModule } from "@gradloom/layers";
import { Linear } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { arange, compile, ones, randomKey, seed, tensor, useDevice, Variable } from "@gradloom/tensor";
import type * as regularization from "../src/index.ts";
import type { NoiseOptions } from "../src/index.ts";
import {
  AlphaDropout,
  alphaDropout,
  DropConnect,
  Dropout,
  DropPath,
  dropConnect,
  dropout,
  dropPath,
  GaussianDropout,
  GaussianNoise,
  gaussianDropout,
  gaussianNoise,
  gradientNoise,
  SpatialDropout1d,
  SpatialDropout2d,
  SpatialDropout3d,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from "../src/index.ts";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
  seed(7);
});

type Exports = typeof regularization;
type Noisy = (x: Tensor, amount?: number, options?: NoiseOptions) => Tensor;

/** Every exported function of a tensor, an amount of noise and a key: one without a row does not compile. */
type Name = {
  [K in keyof Exports]: Exports[K] extends Noisy
    ? Parameters<Exports[K]>[2] extends NoiseOptions | undefined
      ? K
      : never
    : never;
}[keyof Exports];

interface Row {
  readonly apply: Noisy;
  readonly layer: (amount: number) => AnyModule;
  readonly shape: readonly number[];
  readonly amount: number;
  /** Mean and standard deviation of what becomes of elements 1 (of standard normal ones for alpha dropout). */
  readonly moments: readonly [mean: number, std: number];
  /** The dimensions along which all elements share one fate. */
  readonly shared: readonly number[];
  readonly refused: readonly (readonly [amount: number, message: string])[];
}

const outside = (op: string, range = "[0, 1]"): Row["refused"] => [
  [-0.1, `[${op}] the rate lies in ${range}, got -0.1`],
  [1.1, `[${op}] the rate lies in ${range}, got 1.1`],
];

/** Half of the elements are 0, the others 2. */
const halved = { amount: 0.5, moments: [1, 1] } as const;

const rows: { readonly [N in Exclude<Name, NotNoisy>]: Row } = {
  dropout: {
    apply: dropout,
    layer: (rate) => new Dropout(rate),
    shape: [40, 50],
    ...halved,
    shared: [],
    refused: outside("dropout"),
  },
  spatialDropout1d: {
    apply: spatialDropout1d,
    layer: (rate) => new SpatialDropout1d(rate),
    shape: [40, 3, 50],
    ...halved,
    shared: [1],
    refused: outside("spatialDropout1d"),
  },
  spatialDropout2d: {
    apply: spatialDropout2d,
    layer: (rate) => new SpatialDropout2d(rate),
    shape: [40, 2, 3, 50],
    ...halved,
    shared: [1, 2],
    refused: outside("spatialDropout2d"),
  },
  spatialDropout3d: {
    apply: spatialDropout3d,
    layer: (rate) => new SpatialDropout3d(rate),
    shape: [40, 2, 1, 2, 50],
    ...halved,
    shared: [1, 2, 3],
    refused: outside("spatialDropout3d"),
  },
  dropPath: {
    apply: dropPath,
    layer: (rate) => new DropPath(rate),
    shape: [2000, 3],
    ...halved,
    shared: [1],
    refused: outside("dropPath"),
  },
  dropConnect: {
    apply: dropConnect,
    layer: (rate) => new DropConnect(new Linear(50, 40), rate),
    shape: [40, 50],
    ...halved,
    shared: [],
    refused: outside("dropConnect"),
  },
  alphaDropout: {
    apply: alphaDropout,
    layer: (rate) => new AlphaDropout(rate),
    shape: [40, 50],
    amount: 0.3,
    // Of ones: a (0.7 + 0.3 floor) + b, and a |1 - floor| sqrt(0.21).
    moments: (() => {
      const floor = -1.7580993408473766;
      const a = (0.7 * (1 + 0.3 * floor ** 2)) ** -0.5;
      return [a * 0.7, a * (1 - floor) * Math.sqrt(0.21)];
    })(),
    shared: [],
    refused: outside("alphaDropout", "[0, 1)"),
  },
  gaussianDropout: {
    apply: gaussianDropout,
    layer: (rate) => new GaussianDropout(rate),
    shape: [40, 50],
    amount: 0.2,
    moments: [1, 0.5],
    shared: [],
    refused: outside("gaussianDropout", "[0, 1)"),
  },
  gaussianNoise: {
    apply: gaussianNoise,
    layer: (std) => new GaussianNoise(std),
    shape: [40, 50],
    amount: 0.3,
    moments: [1, 0.3],
    shared: [],
    refused: [[-1, "[gaussianNoise] std is a number >= 0, got -1"]],
  },
};

/** Functions that look alike and are none of these. */
type NotNoisy = "maxNorm" | "minMaxNorm" | "unitNorm" | "nonNegative" | "smoothLabels" | "l1Penalty" | "l2Penalty";

const momentsOf = (values: readonly number[]): [number, number] => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)];
};

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())].map(Number);

describe.each(Object.entries(rows))("%s", (name, { apply, layer, shape, amount, moments, shared, refused }) => {
  test("has the mean and spread that it says", async () => {
    const [mean, std] = momentsOf(await numbers(apply(ones(shape), amount)));
    expect(mean).toBeCloseTo(moments[0], 1);
    expect(std).toBeCloseTo(moments[1], 1);
  });

  test("treats what belongs together alike", async () => {
    if (shared.length === 0) return;
    const y = apply(ones(shape), amount);
    expect(await numbers(y.max(shared))).toEqual(await numbers(y.min(shared)));
  });

  test("the same key gives the same noise, others differ", async () => {
    const with_ = (n: number) => numbers(apply(ones(shape), amount, { key: randomKey(n) }));
    expect(await with_(1)).toEqual(await with_(1));
    expect(await with_(1)).not.toEqual(await with_(2));
  });

  test("differs from step to step, plain and compiled alike", async () => {
    const run = async (compiled: boolean): Promise<number[][]> => {
      seed(3);
      const total = new Variable(ones(shape));
      const plain = (x: Tensor): Tensor => {
        const y = apply(x, amount);
        total.assign(total.value.add(y));
        return y;
      };
      const step = compiled ? compile(plain) : plain;
      const steps: number[][] = [];
      for (let i = 0; i < 3; i++) steps.push(await numbers(step(ones(shape))));
      return steps;
    };
    const plain = await run(false);
    expect(new Set(plain.map(String)).size).toBe(3);
    expect(await run(true)).toEqual(plain);
  });

  test("an amount of 0 changes nothing", async () => {
    const x = ones(shape);
    expect(apply(x, 0)).toBe(x);
  });

  test("keeps float64", () => {
    expect(apply(ones(shape, { dtype: "float64" }), amount).dtype).toBe("float64");
  });

  test("refuses amounts out of range", () => {
    for (const [value, message] of refused) {
      expect(() => apply(ones(shape), value)).toThrow(expect.objectContaining({ message }));
      const named = message.replace(`[${name}]`, `[${layer(amount).constructor.name}]`);
      expect(() => layer(value)).toThrow(expect.objectContaining({ message: named }));
    }
  });

  test("as a layer acts in training only", async () => {
    const module = layer(amount);
    const x = name === "dropConnect" ? ones([4, 50]) : ones(shape);
    const [a, b] = [await numbers(module.call(x)), await numbers(module.call(x))];
    expect(a).not.toEqual(b);
    module.eval();
    expect(await numbers(module.call(x))).toEqual(await numbers(module.call(x)));
    if (name !== "dropConnect") expect(module.call(x)).toBe(x);
  });
});

test("alpha dropout keeps mean 0 and variance 1", async () => {
  const { normal } = await import("@gradloom/tensor");
  const [mean, std] = momentsOf(await numbers(alphaDropout(normal([20000]), 0.4)));
  expect(mean).toBeCloseTo(0, 1);
  expect(std).toBeCloseTo(1, 1);
});

test("all elements can be dropped", async () => {
  expect(await numbers(dropout(tensor([1, 2]), 1))).toEqual([0, 0]);
});

test("dropPath drops whole batches too", async () => {
  const y = dropPath(ones([50, 2]), 0.5, { mode: "batch" });
  expect(new Set(await numbers(y)).size).toBe(1);
});

test("other ranks are refused", () => {
  expect(() => spatialDropout1d(ones([2, 3]))).toThrow("[spatialDropout1d] takes [batch, length, channels], got [2,3]");
  expect(() => spatialDropout2d(ones([2, 3]))).toThrow(
    "[spatialDropout2d] takes [batch, height, width, channels], got [2,3]",
  );
  expect(() => spatialDropout3d(ones([2, 3]))).toThrow(
    "[spatialDropout3d] takes [batch, depth, height, width, channels], got [2,3]",
  );
  expect(() => dropPath(ones([]))).toThrow("[dropPath] takes [batch, ...], got []");
});

describe("DropConnect", () => {
  test("keeps its layer's parameters and their names", async () => {
    const layer = new Linear(3, 2);
    const module = new DropConnect(layer, 0.5);
    module.call(ones([1, 3]));
    expect([...module.namedParameters().keys()]).toEqual(["layer.weight", "layer.bias"]);
    expect(layer.weight).toBeInstanceOf(Variable);
    module.eval();
    expect(await numbers(module.call(ones([1, 3])))).toEqual(await numbers(layer.call(ones([1, 3]))));
  });

  test("refuses a layer without such a weight", () => {
    expect(() => new DropConnect(new Linear(3, 2), 0.5, { parameter: "kernel" })).toThrow(
      '[DropConnect] Linear has no parameter "kernel" of its own; name one with { parameter }',
    );
  });
});

describe("gradientNoise", () => {
  test("falls with the steps", async () => {
    for (const [step, std] of [
      [0, 0.5],
      [99, 0.5 * 100 ** -0.5],
    ] as const) {
      const [noisy] = gradientNoise([ones([4000])], step, { eta: 0.25, gamma: 1 }) as [Tensor];
      const [mean, found] = momentsOf(await numbers(noisy));
      expect(mean).toBeCloseTo(1, 1);
      expect(found / std).toBeCloseTo(1, 1);
    }
  });

  test("takes a step from the device, and keys", async () => {
    const steps = arange(3, undefined, 1, { dtype: "int32" }).max();
    const noise = (step: Tensor | number, n: number) =>
      Promise.all(gradientNoise([ones([3]), ones([3])], step, { key: randomKey(n) }).map(numbers));
    expect(await noise(steps, 1)).toEqual(await noise(2, 1));
    const [a, b] = await noise(2, 1);
    expect(a).not.toEqual(b);
    expect(gradientNoise([], 0, { key: randomKey(1) })).toEqual([]);
  });

  test("refuses what is out of range", () => {
    expect(() => gradientNoise([], 0, { eta: -1 })).toThrow("[gradientNoise] eta is a number >= 0, got -1");
    expect(() => gradientNoise([], 0, { gamma: -1 })).toThrow("[gradientNoise] gamma is a number >= 0, got -1");
  });
});
