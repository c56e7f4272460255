import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { bad, mean, most, pooled, pooling, zeros } from "../support/pools.ts";
import type { Rows } from "../support/row.ts";
import { number, real } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { shaped, values } from "../support/values.ts";
import { storedSample } from "../support/windows.ts";

const line = values([[[1], [3], [2]]]);

export const poolings = {
  maxPool1d: {
    names: { torch: "nn.functional.max_pool1d", tfjs: "pool" },
    samples: [
      storedSample("maxPool1d", (x) => g.maxPool1d(x, 3, { stride: 2 }), false),
      pooling("without ties", [2, 6, 2], (x) => g.maxPool1d(x, 2), [2], [3], {}, most),
      pooling(
        "overlapping",
        [1, 7, 2],
        (x) => g.maxPool1d(x, 3, { stride: 1, padding: "same" }),
        [3],
        [7],
        { stride: [1], before: [1] },
        most,
      ),
      {
        name: "NaN is largest, -Infinity is more than nothing",
        inputs: [shaped([1, 4, 1], [1, Number.NaN, -Infinity, -Infinity], "float32")],
        call: (x) => g.maxPool1d(x as g.Tensor, 2),
        expected: shaped([1, 2, 1], [Number.NaN, -Infinity]),
      },
      pooling("no batch", [0, 4, 1], (x) => g.maxPool1d(x, 2), [2], [2], {}, most),
    ],
    typed: {
      inputs: [line],
      call: (x) => g.maxPool1d(x as g.Tensor, 2, { stride: 1 }),
      expected: values([[[3], [3]]]),
    },
    dtypes: number,
    gradient: true,
    derivatives: [
      {
        name: "of ties the first is seen",
        inputs: [values([[[2], [2], [1], [1], [1], [1]]])],
        call: (x) => g.maxPool1d(x as g.Tensor, 3),
        expected: [[1, 0, 0, 1, 0, 0]],
      },
      {
        name: "overlapping windows add up",
        inputs: [values([[[1], [5], [2], [0]]])],
        call: (x) => g.maxPool1d(x as g.Tensor, 2, { stride: 1 }),
        expected: [[0, 2, 1, 0]],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.maxPool1d(zeros(2, 3), 2),
        "[maxPool1d] takes [batch, length, channels], got [2,3]; reshape it first",
      ),
      bad(
        DTypeError,
        () => g.maxPool1d(g.zeros([1, 2, 1], { dtype: "bool" }), 2),
        "[maxPool1d] takes numbers, got bool; use cast(...) first",
      ),
      bad(
        ArgumentError,
        () => g.maxPool1d(zeros(1, 4, 1), 2, { padding: 2 }),
        "[maxPool1d] window 0 of spatial dimension 0 lies wholly in the padding, got sizes [4] and window [2]; use less padding",
      ),
      bad(
        ArgumentError,
        () => g.maxPool1d(zeros(1, 1, 1), 2, { dilation: 2, padding: 1, stride: 1 }),
        "[maxPool1d] window 0 of spatial dimension 0 lies wholly in the padding, got sizes [1] and window [2]; use less padding",
      ),
    ],
  },
  maxPool2d: {
    names: { torch: "nn.functional.max_pool2d", tfjs: "maxPool" },
    samples: [
      storedSample("maxPool2d", (x) => g.maxPool2d(x, 2), false),
      storedSample("maxPool2d padded", (x) => g.maxPool2d(x, 3, { stride: 2, padding: 1 }), false),
      storedSample("maxPool2d ceil", (x) => g.maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }), false),
      storedSample(
        "maxPool2d ceil, no last window",
        (x) => g.maxPool2d(x, 2, { stride: 4, padding: 1, ceilMode: true }),
        false,
      ),
      storedSample("maxPool2d dilated", (x) => g.maxPool2d(x, [2, 3], { stride: 1, dilation: [3, 2] }), false),
      pooling(
        "without ties",
        [2, 5, 5, 2],
        (x) => g.maxPool2d(x, 3, { stride: 2, padding: 1 }),
        [3, 3],
        [3, 3],
        { stride: [2, 2], before: [1, 1] },
        most,
      ),
    ],
    typed: {
      inputs: [shaped([1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.maxPool2d(x as g.Tensor, 2),
      expected: shaped([1, 1, 1, 1], [3]),
    },
    dtypes: number,
    gradient: true,
    errors: [
      bad(
        ArgumentError,
        () => g.maxPool2d(zeros(1, 4, 4, 1), 0),
        "[maxPool2d] the window is a whole number >= 1, or 2 of them, got 0",
      ),
      bad(
        ShapeError,
        () => g.maxPool2d(zeros(1, 4, 2, 1), 3),
        "[maxPool2d] a window over 3 positions does not fit the 2 of spatial dimension 1, padding included; use a smaller window, or more padding for [4,2]",
      ),
    ],
  },
  maxPool3d: {
    names: { torch: "nn.functional.max_pool3d", tfjs: "maxPool3d" },
    samples: [
      storedSample("maxPool3d", (x) => g.maxPool3d(x, [2, 2, 3], { stride: [2, 1, 2] }), false),
      pooling("without ties", [1, 2, 4, 2, 2], (x) => g.maxPool3d(x, 2), [2, 2, 2], [1, 2, 1], {}, most),
    ],
    typed: {
      inputs: [shaped([1, 1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.maxPool3d(x as g.Tensor, [1, 2, 2]),
      expected: shaped([1, 1, 1, 1, 1], [3]),
    },
    dtypes: number,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.maxPool3d(zeros(1, 2, 2, 1), 2),
        "[maxPool3d] takes [batch, depth, height, width, channels], got [1,2,2,1]; reshape it first",
      ),
    ],
  },
  averagePool1d: {
    names: { torch: "nn.functional.avg_pool1d", tfjs: "pool" },
    samples: [
      storedSample("averagePool1d", (x) => g.averagePool1d(x, 3, { stride: 2, padding: 1 })),
      pooling(
        "same, as in Keras",
        [1, 5, 1],
        (x) => g.averagePool1d(x, 2, { stride: 1, padding: "same", countPadding: false }),
        [2],
        [5],
        { stride: [1] },
        mean,
      ),
    ],
    typed: {
      inputs: [line],
      call: (x) => g.averagePool1d(x as g.Tensor, 2, { stride: 1 }),
      expected: (x) => pooled(x as Values, [2], [2], { stride: [1] }, mean),
    },
    dtypes: real,
    gradient: true,
    scale: "result",
    errors: [
      bad(
        ArgumentError,
        () => g.averagePool1d(zeros(1, 2, 1), 1, { padding: 1, countPadding: false }),
        "[averagePool1d] window 0 of spatial dimension 0 lies wholly in the padding, got sizes [2] and window [1]; use less padding",
      ),
    ],
  },
  averagePool2d: {
    names: { torch: "nn.functional.avg_pool2d", tfjs: "avgPool" },
    samples: [
      storedSample("averagePool2d", (x) => g.averagePool2d(x, 2)),
      storedSample("averagePool2d padded", (x) => g.averagePool2d(x, 3, { stride: 2, padding: 1 })),
      storedSample("averagePool2d without padding", (x) =>
        g.averagePool2d(x, 3, { stride: 2, padding: 1, countPadding: false }),
      ),
      storedSample("averagePool2d ceil", (x) =>
        g.averagePool2d(x, [3, 2], { stride: [2, 3], padding: 1, ceilMode: true }),
      ),
      storedSample("averagePool2d ceil without padding", (x) =>
        g.averagePool2d(x, [3, 2], { stride: [2, 3], padding: 1, ceilMode: true, countPadding: false }),
      ),
    ],
    typed: {
      inputs: [shaped([1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.averagePool2d(x as g.Tensor, 2),
      expected: (x) => shaped([1, 1, 1, 1], [mean((x as Values).data)]),
    },
    dtypes: real,
    gradient: true,
    scale: "result",
    errors: [
      bad(
        ArgumentError,
        () => g.averagePool2d(zeros(1, 4, 4, 1), 2, { stride: 0 }),
        "[averagePool2d] stride is a whole number >= 1, or 2 of them, got 0",
      ),
    ],
  },
  averagePool3d: {
    names: { torch: "nn.functional.avg_pool3d", tfjs: "avgPool3d" },
    samples: [storedSample("averagePool3d", (x) => g.averagePool3d(x, 2, { stride: [1, 2, 2], padding: 1 }))],
    typed: {
      inputs: [shaped([1, 1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.averagePool3d(x as g.Tensor, [1, 2, 2]),
      expected: (x) => shaped([1, 1, 1, 1, 1], [mean((x as Values).data)]),
    },
    dtypes: real,
    gradient: true,
    scale: "result",
    errors: [
      bad(
        ShapeError,
        () => g.averagePool3d(zeros(1, 2, 2, 1), 2),
        "[averagePool3d] takes [batch, depth, height, width, channels], got [1,2,2,1]; reshape it first",
      ),
    ],
  },
  lpPool1d: {
    names: { torch: "nn.functional.lp_pool1d" },
    samples: [
      storedSample("lpPool1d", (x) => g.lpPool1d(x, 2, 3, { stride: 2 })),
      pooling(
        "p = 1",
        [1, 6, 2],
        (x) => g.lpPool1d(x, 1, 2),
        [2],
        [3],
        {},
        (list) => list.reduce((sum, v) => sum + Math.abs(v), 0),
      ),
      pooling(
        "the largest",
        [1, 6, 2],
        (x) => g.lpPool1d(x, Infinity, 2),
        [2],
        [3],
        {},
        (list) => Math.max(...list.map(Math.abs)),
      ),
      pooling(
        "p = 3, beyond the end",
        [1, 5, 2],
        (x) => g.lpPool1d(x, 3, 2, { ceilMode: true }),
        [2],
        [3],
        {},
        (list) => list.reduce((sum, v) => sum + Math.abs(v) ** 3, 0) ** (1 / 3),
      ),
    ],
    typed: {
      inputs: [values([[[3], [4], [0], [2]]])],
      call: (x) => g.lpPool1d(x as g.Tensor, 2, 2),
      expected: (x) => pooled(x as Values, [2], [2], {}, (list) => Math.hypot(...list)),
    },
    dtypes: real,
    gradient: true,
    tolerance: 8,
    derivatives: [
      {
        name: "0 where all is 0",
        inputs: [values([[[0], [0], [3], [4]]])],
        call: (x) => g.lpPool1d(x as g.Tensor, 2, 2),
        expected: [[0, 0, 0.6, 0.8]],
      },
    ],
    errors: [bad(ArgumentError, () => g.lpPool1d(zeros(1, 2, 1), 0, 1), "[lpPool1d] p is greater than 0, got 0")],
  },
  lpPool2d: {
    names: { torch: "nn.functional.lp_pool2d" },
    samples: [
      storedSample("lpPool2d", (x) => g.lpPool2d(x, 4, 2)),
      // The inputs have zeros, where |x|^3 has no third derivative.
      storedSample("lpPool2d positive", (x) => g.lpPool2d(x, 3, [2, 3], { stride: 1 }), false),
    ],
    typed: {
      inputs: [shaped([1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.lpPool2d(x as g.Tensor, 2, [2, 1]),
      expected: (x) => pooled(x as Values, [2, 1], [1, 2], {}, (list) => Math.hypot(...list)),
    },
    dtypes: real,
    gradient: true,
    tolerance: 8,
    errors: [bad(ArgumentError, () => g.lpPool2d(zeros(1, 2, 2, 1), -1, 1), "[lpPool2d] p is greater than 0, got -1")],
  },
  lpPool3d: {
    names: {},
    samples: [
      pooling(
        "p = 2",
        [1, 2, 2, 4, 1],
        (x) => g.lpPool3d(x, 2, 2),
        [2, 2, 2],
        [1, 1, 2],
        {},
        (list) => Math.hypot(...list),
      ),
    ],
    typed: {
      inputs: [shaped([1, 1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.lpPool3d(x as g.Tensor, 2, [1, 2, 1]),
      expected: (x) => pooled(x as Values, [1, 2, 1], [1, 1, 2], {}, (list) => Math.hypot(...list)),
    },
    dtypes: real,
    gradient: true,
    tolerance: 8,
    errors: [
      bad(
        ArgumentError,
        () => g.lpPool3d(zeros(1, 2, 2, 2, 1), Number.NaN, 1),
        "[lpPool3d] p is greater than 0, got NaN",
      ),
    ],
  },
} satisfies Rows;
