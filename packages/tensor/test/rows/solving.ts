import type { DType } from "@gradloom/backend";
import { DTypeError, ShapeError, UnsupportedError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

const wide = (dtype: DType): DType | undefined => (dtype === "float32" || dtype === "float64" ? dtype : undefined);

/** The plain matrix product of arrays [..., m, k] and [..., k, n] of one batch. */
const times = (a: Values, b: Values): Values => {
  const k = a.shape.at(-1) as number;
  return generate([...a.shape.slice(0, -1), b.shape.at(-1) as number], (p) => {
    const lead = p.slice(0, -2);
    let sum = 0;
    for (let i = 0; i < k; i++) {
      sum += at(a, [...lead, p.at(-2) as number, i]) * at(b, [...lead, i, p.at(-1) as number]);
    }
    return sum;
  });
};

const identity = (...shape: number[]): Values => generate(shape, (p) => (p.at(-1) === p.at(-2) ? 1 : 0));

/** Far from singular: the identity times n plus random numbers. */
const regular = (shape: readonly number[], seed = 1): Values => {
  const x = random(shape, -1, 1, seed);
  return generate(shape, (p) => at(x, p) + (p.at(-1) === p.at(-2) ? (shape.at(-1) as number) : 0));
};

/** Lower triangular with a diagonal away from 0. */
const lower = (shape: readonly number[]): Values => {
  const x = regular(shape);
  return generate(shape, (p) => ((p.at(-1) as number) > (p.at(-2) as number) ? 0 : at(x, p)));
};

/** Makes inputs symmetric inside the call, so that random directions stay among symmetric matrices. */
const symmetric = (x: g.Tensor): g.Tensor => x.add(x.transpose()).mul(0.5);

const determinantOf = (rows: number[][]): number =>
  rows.length === 0
    ? 1
    : (rows[0] as number[]).reduce(
        (sum, x, j) =>
          sum + (j % 2 ? -x : x) * determinantOf(rows.slice(1).map((row) => row.filter((_, k) => k !== j))),
        0,
      );

const determinants = (x: Values): number[] => {
  const n = x.shape.at(-1) as number;
  const count = x.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return Array.from({ length: count }, (_, b) =>
    determinantOf(
      Array.from({ length: n }, (_row, i) => x.data.slice((b * n + i) * n, (b * n + i + 1) * n) as number[]),
    ),
  );
};

/** A matrix on a device whose memory the host cannot reach. */
const onNowhere = (): g.Tensor => {
  const { backend } = g.currentDevice();
  const far = Object.create(backend, {
    name: { value: "nowhere" },
    unsupported: { value: () => "a custom kernel without WGSL" },
  });
  return g.zeros([2, 2], { device: new g.Device(far) });
};

/** The errors that all functions of square matrices share. */
const squareErrors = (op: string, call: (x: g.Tensor) => unknown): BadCall[] => [
  bad(ShapeError, () => call(zeros(2, 3)), `[${op}] takes square matrices, got [2,3]`),
  bad(ShapeError, () => call(zeros(2)), `[${op}] takes matrices [..., rows, columns], got [2]`),
  bad(
    DTypeError,
    () => call(g.zeros([2, 2], { dtype: "int32" })),
    `[${op}] takes float32 or float64, got int32; use cast(...) first`,
  ),
];

const solvingBy = (
  name: string,
  a: Values,
  b: readonly number[],
  product: (a: Values, x: Values) => Values,
): Sample => ({
  name,
  inputs: [a, random(b, -2, 2, 2)],
  // A X has to give B again.
  call: (x, y) => g.solve(x as g.Tensor, y as g.Tensor),
  expected: (x, y) => {
    const found = product(inverseOf(x as Values), y as Values);
    return found;
  },
});

/** By cofactors: slow, and independent of elimination. */
const inverseOf = (x: Values): Values => {
  const n = x.shape.at(-1) as number;
  const dets = determinants(x);
  return generate(x.shape, (p) => {
    const lead = p.slice(0, -2);
    const [i, j] = p.slice(-2) as [number, number];
    const batch = lead.reduce((sum, at_, d) => sum * (x.shape[d] as number) + at_, 0);
    const minor = Array.from({ length: n }, (_, r) =>
      Array.from({ length: n }, (_c, c) => at(x, [...lead, r, c])).filter((_v, c) => c !== i),
    ).filter((_row, r) => r !== j);
    return (((i + j) % 2 ? -1 : 1) * determinantOf(minor)) / (dets[batch] as number);
  });
};

export const solving = {
  cholesky: {
    names: { torch: "linalg.cholesky", numpy: "linalg.cholesky" },
    samples: [
      {
        name: "of a product",
        inputs: [lower([2, 3, 3])],
        call: (l) => g.cholesky((l as g.Tensor).matmul((l as g.Tensor).transpose())),
        expected: (l) => l as Values,
        smooth: false,
      },
      {
        name: "by its product",
        inputs: [regular([2, 4, 4])],
        call: (x) => {
          const a = symmetric(x as g.Tensor);
          return g.cholesky(a);
        },
        expected: (x) => {
          // Column by column, as in the definition.
          const a = x as Values;
          const n = 4;
          const l = new Array<number>(2 * n * n).fill(0);
          const s = (b: number, i: number, j: number): number => (at(a, [b, i, j]) + at(a, [b, j, i])) / 2;
          for (let b = 0; b < 2; b++) {
            for (let j = 0; j < n; j++) {
              for (let i = j; i < n; i++) {
                let sum = s(b, i, j);
                for (let k = 0; k < j; k++)
                  sum -= (l[(b * n + i) * n + k] as number) * (l[(b * n + j) * n + k] as number);
                l[(b * n + i) * n + j] = i === j ? Math.sqrt(sum) : sum / (l[(b * n + j) * n + j] as number);
              }
            }
          }
          return shaped([2, n, n], l);
        },
      },
      {
        name: "not positive definite",
        inputs: [
          values([
            [1, 2],
            [2, 1],
          ]),
        ],
        call: (x) => g.cholesky(x as g.Tensor),
        expected: shaped([2, 2], [Number.NaN, Number.NaN, Number.NaN, Number.NaN]),
        smooth: false,
      },
      {
        name: "reads the lower half",
        inputs: [
          values([
            [4, 99],
            [2, 5],
          ]),
        ],
        call: (x) => g.cholesky(x as g.Tensor),
        expected: values([
          [2, 0],
          [1, 2],
        ]),
        smooth: false,
      },
      {
        name: "no matrices",
        inputs: [random([0, 2, 2])],
        call: (x) => g.cholesky(x as g.Tensor),
        expected: shaped([0, 2, 2], []),
      },
      {
        name: "of size 0",
        inputs: [random([2, 0, 0])],
        call: (x) => g.cholesky(x as g.Tensor),
        expected: shaped([2, 0, 0], []),
      },
    ],
    typed: {
      inputs: [
        values([
          [4, 2],
          [2, 5],
        ]),
      ],
      call: (x) => g.cholesky(x as g.Tensor),
      expected: values([
        [2, 0],
        [1, 2],
      ]),
    },
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 32,
    errors: squareErrors("cholesky", g.cholesky),
  },
  triangularSolve: {
    names: { torch: "linalg.solve_triangular" },
    samples: [
      {
        name: "lower",
        inputs: [lower([2, 3, 3]), random([2, 3, 2], -2, 2, 2)],
        call: (a, b) => g.triangularSolve(a as g.Tensor, b as g.Tensor),
        expected: (a, b) => times(inverseOf(a as Values), b as Values),
      },
      {
        name: "upper, reading no more",
        inputs: [regular([3, 3]), random([3, 2], -2, 2, 2)],
        call: (a, b) => g.triangularSolve(a as g.Tensor, b as g.Tensor, { lower: false }),
        expected: (a, b) => {
          const half = generate([3, 3], (p) => ((p[1] as number) < (p[0] as number) ? 0 : at(a as Values, p)));
          return times(inverseOf(half), b as Values);
        },
      },
      {
        name: "with ones on the diagonal",
        inputs: [regular([3, 3]), random([3], -2, 2, 2)],
        call: (a, b) => g.triangularSolve(a as g.Tensor, b as g.Tensor, { unitDiagonal: true }),
        expected: (a, b) => {
          const half = generate([3, 3], (p) => {
            const [i, j] = p as [number, number];
            return i === j ? 1 : j > i ? 0 : at(a as Values, p);
          });
          const x = times(inverseOf(half), { shape: [3, 1], data: (b as Values).data });
          return { shape: [3], data: x.data };
        },
      },
    ],
    typed: {
      inputs: [
        values([
          [2, 0],
          [1, 1],
        ]),
        values([2, 3]),
      ],
      call: (a, b) => g.triangularSolve(a as g.Tensor, b as g.Tensor),
      expected: values([1, 2]),
    },
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 16,
    errors: [
      ...squareErrors("triangularSolve", (x) => g.triangularSolve(x, zeros(2))),
      bad(
        ShapeError,
        () => g.triangularSolve(zeros(2, 2), zeros(3)),
        "[triangularSolve] 3 equations do not fit 2 unknowns, got [2,2] and [3]",
      ),
    ],
  },
  solve: {
    names: { torch: "linalg.solve", numpy: "linalg.solve" },
    samples: [
      solvingBy("a batch", regular([2, 3, 3]), [2, 3, 2], times),
      solvingBy("one matrix for a batch", regular([3, 3]), [2, 3, 2], (a, b) =>
        times(
          generate([2, 3, 3], ([, i, j]) => at(a, [i, j] as number[])),
          b,
        ),
      ),
      solvingBy("a vector", regular([4, 4]), [4], (a, b) => ({
        shape: [4],
        data: times(a, { shape: [4, 1], data: b.data }).data,
      })),
      solvingBy(
        "with row exchange",
        values([
          [0, 1, 2],
          [3, 0, 1],
          [1, 1, 0],
        ]),
        [3, 1],
        times,
      ),
      {
        name: "singular",
        inputs: [
          values([
            [1, 2],
            [2, 4],
          ]),
          values([1, 1]),
        ],
        call: async (a, b) => {
          const x = g.solve(a as g.Tensor, b as g.Tensor);
          return g.isFinite(x);
        },
        expected: values([false, false], "bool"),
        smooth: false,
      },
    ],
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 16,
    errors: [
      ...squareErrors("solve", (x) => g.solve(x, zeros(2))),
      bad(
        ShapeError,
        () => g.solve(zeros(2, 2), zeros(3, 1)),
        "[solve] 3 equations do not fit 2 unknowns, got [2,2] and [3,1]",
      ),
      bad(
        ShapeError,
        () => g.solve(zeros(2, 2, 2), zeros(3, 2, 1)),
        "[solve] shapes do not broadcast, got [2] and [3]; axis -1 has sizes 2 and 3; sizes must be equal or 1",
      ),
      bad(
        UnsupportedError,
        () => {
          const a = onNowhere();
          return g.solve(a, a);
        },
        '[solve] runs on the host, which cannot reach nowhere: a custom kernel without WGSL; move the input with to("cpu")',
      ),
    ],
  },
  inv: {
    names: { torch: "linalg.inv", numpy: "linalg.inv" },
    samples: [
      {
        name: "a batch",
        inputs: [regular([2, 3, 3])],
        call: (x) => g.inv(x as g.Tensor),
        expected: (x) => inverseOf(x as Values),
      },
      {
        name: "times itself",
        inputs: [regular([4, 4])],
        call: (x) => g.inv(x as g.Tensor).matmul(x as g.Tensor),
        expected: identity(4, 4),
      },
    ],
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 16,
    errors: squareErrors("inv", g.inv),
  },
  det: {
    names: { torch: "linalg.det", numpy: "linalg.det" },
    samples: [
      ...[1, 2, 3, 4].map(
        (n): Sample => ({
          name: `${n} x ${n}`,
          inputs: [random([2, n, n])],
          call: (x) => g.det(x as g.Tensor),
          expected: (x) => shaped([2], determinants(x as Values)),
        }),
      ),
      {
        name: "of size 0",
        inputs: [random([2, 0, 0])],
        call: (x) => g.det(x as g.Tensor),
        expected: values([1, 1]),
      },
      {
        name: "singular",
        inputs: [
          values([
            [1, 2],
            [2, 4],
          ]),
        ],
        call: (x) => g.det(x as g.Tensor),
        expected: values(0),
        smooth: false,
      },
    ],
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 32,
    derivatives: [
      {
        name: "of singular matrices: the cofactors",
        inputs: [
          values([
            [
              [1, 2],
              [2, 4],
            ],
            [
              [0, 0],
              [0, 0],
            ],
          ]),
        ],
        call: (x) => g.det(x as g.Tensor),
        expected: [[4, -2, -2, 1, 0, 0, 0, 0]],
      },
      {
        name: "of rank 2 in 3",
        inputs: [
          values([
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 0],
          ]),
        ],
        call: (x) => g.det(x as g.Tensor),
        expected: [[0, 0, 0, 0, 0, 0, 0, 0, 1]],
      },
    ],
    errors: squareErrors("det", g.det),
  },
  slogdet: {
    names: { torch: "linalg.slogdet", numpy: "linalg.slogdet" },
    samples: [
      {
        name: "signs",
        inputs: [
          values([
            [
              [1, 2],
              [3, 4],
            ],
            [
              [2, 1],
              [1, 3],
            ],
          ]),
        ],
        call: (x) => {
          const { sign, logAbs } = g.slogdet(x as g.Tensor);
          return [sign, logAbs];
        },
        expected: [values([-1, 1]), values([Math.log(2), Math.log(5)])],
      },
      {
        name: "beyond the range of floats",
        inputs: [generate([1, 60, 60], ([, i, j]) => (i === j ? 1e-8 : 0))],
        call: (x) => g.slogdet((x as g.Tensor).reshape([60, 60])).logAbs,
        expected: (x) => values(60 * Math.log((x as Values).data[0] as number)),
        smooth: false,
      },
      {
        name: "singular",
        inputs: [
          values([
            [1, 2],
            [2, 4],
          ]),
        ],
        call: (x) => {
          const { sign, logAbs } = g.slogdet(x as g.Tensor);
          return [sign, logAbs];
        },
        expected: [values(0), values(-Infinity)],
        smooth: false,
      },
    ],
    dtypes: wide,
    gradient: true,
    scale: "result",
    errors: squareErrors("slogdet", g.slogdet),
  },
} satisfies Rows;
