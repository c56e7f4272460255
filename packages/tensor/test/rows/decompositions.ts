import type { DType } from "@gradloom/backend";
import { DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

const wide = (dtype: DType): DType | undefined => (dtype === "float32" || dtype === "float64" ? dtype : undefined);

const identity = (...shape: number[]): Values => generate(shape, (p) => (p.at(-1) === p.at(-2) ? 1 : 0));

/** Makes inputs symmetric inside the call, so that random directions stay among symmetric matrices. */
const symmetric = (x: g.Tensor): g.Tensor => x.add(x.transpose()).mul(0.5);

/** Signs do not matter: columns of Q and rows of R are taken with a fixed one. */
const withoutSigns = (vectors: g.Tensor): g.Tensor => vectors.square();

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

export const decompositions = {
  qr: {
    names: { torch: "linalg.qr", numpy: "linalg.qr", tfjs: "linalg.qr" },
    samples: [
      ...[
        [3, 3],
        [5, 3],
        [2, 4],
        [2, 4, 3],
      ].flatMap((shape): Sample[] => [
        {
          name: "Q R",
          inputs: [random(shape)],
          call: (x) => {
            const { q, r } = g.qr(x as g.Tensor);
            return q.matmul(r);
          },
          expected: (x) => x as Values,
        },
        {
          name: "Q^T Q and the lower half of R",
          inputs: [random(shape)],
          call: (x) => {
            const { q, r } = g.qr(x as g.Tensor);
            return [q.transpose().matmul(q), g.tril(r, -1)];
          },
          expected: () => {
            const [m, n] = shape.slice(-2) as [number, number];
            const k = Math.min(m, n);
            return [identity(...shape.slice(0, -2), k, k), generate([...shape.slice(0, -2), k, n], () => 0)];
          },
        },
      ]),
      {
        name: "factors",
        inputs: [random([4, 3])],
        call: (x) => {
          const { q, r } = g.qr(x as g.Tensor);
          return [q, r];
        },
        // Gram and Schmidt, with LAPACK's signs.
        expected: (x) => {
          const a = x as Values;
          const columns = [0, 1, 2].map((j) => [0, 1, 2, 3].map((i) => at(a, [i, j])));
          const q: number[][] = [];
          const r = [0, 1, 2].map(() => [0, 0, 0]);
          columns.forEach((column, j) => {
            let v = [...column];
            for (let pass = 0; pass < 2; pass++) {
              q.forEach((u, i) => {
                const dot = u.reduce((sum, y, k) => sum + y * (v[k] as number), 0);
                (r[i] as number[])[j] = ((r[i] as number[])[j] as number) + dot;
                v = v.map((y, k) => y - dot * (u[k] as number));
              });
            }
            const sign = (v[j] as number) > 0 ? -1 : 1;
            const length = sign * Math.hypot(...v);
            (r[j] as number[])[j] = length;
            q.push(v.map((y) => y / length));
          });
          return [generate([4, 3], ([i, j]) => q[j as number]?.[i as number] as number), values(r)];
        },
        smooth: true,
      },
    ],
    typed: {
      inputs: [
        values([
          [3, 1],
          [4, 2],
        ]),
      ],
      call: (x) => g.qr(x as g.Tensor).r,
      expected: values([
        [-5, -2.2],
        [0, 0.4],
      ]),
    },
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 32,
    errors: [bad(ShapeError, () => g.qr(zeros(2)), "[qr] takes matrices [..., rows, columns], got [2]")],
  },
  eigh: {
    names: { torch: "linalg.eigh", numpy: "linalg.eigh" },
    samples: [
      ...[
        [1, 1],
        [3, 3],
        [2, 5, 5],
        [12, 12],
      ].flatMap((shape): Sample[] => [
        {
          name: "V diag(w) V^T",
          inputs: [random(shape)],
          call: (x) => {
            const { values: w, vectors: v } = g.eigh(symmetric(x as g.Tensor));
            return v.mul(w.unsqueeze(-2)).matmul(v.transpose());
          },
          expected: (x) =>
            generate(shape, (p) => {
              const swapped = [...p.slice(0, -2), p.at(-1) as number, p.at(-2) as number];
              return (at(x as Values, p) + at(x as Values, swapped)) / 2;
            }),
          smooth: shape.length === 2,
        },
        {
          name: "V^T V, in ascending order",
          inputs: [random(shape)],
          call: (x) => {
            const { values: w, vectors: v } = g.eigh(symmetric(x as g.Tensor));
            return [v.transpose().matmul(v), w.slice("..., 1:").greaterEqual(w.slice("..., :-1")).all()];
          },
          expected: [identity(...shape), values(true, "bool")],
          smooth: shape.length === 2,
        },
      ]),
      {
        name: "values and squares of vectors",
        inputs: [
          values([
            [2, 1],
            [1, 2],
          ]),
        ],
        call: (x) => {
          const { values: w, vectors: v } = g.eigh(symmetric(x as g.Tensor));
          return [w, withoutSigns(v)];
        },
        expected: [
          values([1, 3]),
          values([
            [0.5, 0.5],
            [0.5, 0.5],
          ]),
        ],
      },
      {
        name: "equal values",
        inputs: [identity(3, 3)],
        call: (x) => g.eigh(x as g.Tensor).values,
        expected: values([1, 1, 1]),
        smooth: false,
      },
    ],
    typed: {
      inputs: [
        values([
          [2, 9],
          [0, 3],
        ]),
      ],
      call: (x) => g.eigh(x as g.Tensor).values,
      expected: values([2, 3]),
    },
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 32,
    derivatives: [
      {
        name: "the sum of equal values",
        inputs: [identity(2, 2)],
        call: (x) => g.eigh(x as g.Tensor).values,
        expected: [[1, 0, 0, 1]],
      },
    ],
    errors: squareErrors("eigh", g.eigh),
  },
  svd: {
    names: { torch: "linalg.svd", numpy: "linalg.svd" },
    samples: [
      ...[
        [3, 3],
        [5, 3],
        [2, 4],
        [2, 3, 2],
        [1, 4],
        [9, 7],
      ].flatMap((shape): Sample[] => [
        {
          name: "U diag(s) V^T",
          inputs: [random(shape)],
          call: (x) => {
            const { u, s, vt } = g.svd(x as g.Tensor);
            return u.mul(s.unsqueeze(-2)).matmul(vt);
          },
          expected: (x) => x as Values,
        },
        {
          name: "U^T U, V^T V, descending order",
          inputs: [random(shape)],
          call: (x) => {
            const { u, s, vt } = g.svd(x as g.Tensor);
            const order = s.slice("..., 1:").lessEqual(s.slice("..., :-1")).all();
            return [u.transpose().matmul(u), vt.matmul(vt.transpose()), order];
          },
          expected: () => {
            const k = Math.min(...shape.slice(-2));
            const one = identity(...shape.slice(0, -2), k, k);
            return [one, one, values(true, "bool")];
          },
        },
        {
          name: "squares of the vectors and the values",
          inputs: [random(shape)],
          call: (x) => {
            const { u, s, vt } = g.svd(x as g.Tensor);
            return [withoutSigns(u).sum(), s.square().sum(-1), withoutSigns(vt).sum()];
          },
          expected: (x) => {
            const [m, n] = shape.slice(-2) as [number, number];
            const count = shape.slice(0, -2).reduce((a, b) => a * b, 1);
            const squares = Array.from({ length: count }, (_, b) =>
              (x as Values).data.slice(b * m * n, (b + 1) * m * n).reduce((sum, v) => sum + v * v, 0),
            );
            const ones = values(count * Math.min(m, n));
            return [ones, shaped(shape.slice(0, -2), squares), ones];
          },
        },
      ]),
      {
        name: "values and squares of vectors",
        inputs: [
          values([
            [3, 0],
            [4, 5],
          ]),
        ],
        call: (x) => {
          const { u, s, vt } = g.svd(x as g.Tensor);
          return [s, withoutSigns(u), withoutSigns(vt)];
        },
        expected: [
          values([Math.sqrt(45), Math.sqrt(5)]),
          values([
            [0.1, 0.9],
            [0.9, 0.1],
          ]),
          values([
            [0.5, 0.5],
            [0.5, 0.5],
          ]),
        ],
      },
      {
        name: "of rank 1",
        inputs: [
          values([
            [1, 2],
            [2, 4],
            [3, 6],
          ]),
        ],
        call: (x) => {
          const { u, s, vt } = g.svd(x as g.Tensor);
          return [s.slice(":1"), u.transpose().matmul(u), vt.matmul(vt.transpose())];
        },
        expected: [values([Math.sqrt(70)]), identity(2, 2), identity(2, 2)],
        smooth: false,
      },
      {
        name: "of zeros",
        inputs: [
          values([
            [0, 0],
            [0, 0],
          ]),
        ],
        call: (x) => {
          const { u, s, vt } = g.svd(x as g.Tensor);
          return [s, u.transpose().matmul(u), vt.matmul(vt.transpose())];
        },
        expected: [values([0, 0]), identity(2, 2), identity(2, 2)],
        smooth: false,
      },
      {
        name: "NaN",
        inputs: [shaped([1, 1], [Number.NaN], "float32")],
        call: (x) => g.svd(x as g.Tensor).s,
        expected: shaped([1], [Number.NaN]),
      },
    ],
    typed: {
      inputs: [
        values([
          [3, 0],
          [0, 4],
        ]),
      ],
      call: (x) => g.svd(x as g.Tensor).s,
      expected: values([4, 3]),
    },
    dtypes: wide,
    gradient: true,
    scale: "result",
    tolerance: 64,
    derivatives: [
      {
        name: "the sum of equal values",
        inputs: [identity(2, 2)],
        call: (x) => g.svd(x as g.Tensor).s,
        expected: [[1, 0, 0, 1]],
      },
    ],
    errors: [bad(ShapeError, () => g.svd(zeros(2)), "[svd] takes matrices [..., rows, columns], got [2]")],
  },
} satisfies Rows;
