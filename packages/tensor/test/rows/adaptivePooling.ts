import { ArgumentError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { bad, mean, most, pooling, zeros } from "../support/pools.ts";
import type { Rows, Sample } from "../support/row.ts";
import { number, real, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, fold, generate, positionsOf, random, shaped, values } from "../support/values.ts";
import type { WindowCase } from "../support/windows.ts";
import { storedSample } from "../support/windows.ts";

const adaptiveCases = (
  prefix: string,
  calls: Readonly<Record<string, (x: g.Tensor) => g.Tensor>>,
  smooth: boolean,
): Sample[] =>
  Object.entries(calls).map(([name, call]) => storedSample(`${prefix}${name}` as WindowCase, (x) => call(x), smooth));

const line = values([[[1], [3], [2]]]);

export const adaptivePoolings = {
  adaptiveAveragePool1d: {
    names: { torch: "nn.functional.adaptive_avg_pool1d" },
    samples: adaptiveCases(
      "adaptiveAveragePool1d ",
      { 3: (x) => g.adaptiveAveragePool1d(x, 3), 4: (x) => g.adaptiveAveragePool1d(x, 4) },
      true,
    ),
    typed: {
      inputs: [line],
      call: (x) => g.adaptiveAveragePool1d(x as g.Tensor, 2),
      expected: (x) => {
        const [a, b, c] = (x as Values).data as [number, number, number];
        return shaped([1, 2, 1], [(a + b) / 2, (b + c) / 2]);
      },
    },
    dtypes: real,
    gradient: true,
    scale: "result",
    errors: [
      bad(
        ArgumentError,
        () => g.adaptiveAveragePool1d(zeros(1, 2, 1), 0),
        "[adaptiveAveragePool1d] the output size is a whole number >= 1, got 0",
      ),
    ],
  },
  adaptiveAveragePool2d: {
    names: { torch: "nn.functional.adaptive_avg_pool2d" },
    samples: adaptiveCases(
      "adaptiveAveragePool2d ",
      {
        1: (x) => g.adaptiveAveragePool2d(x, 1),
        3: (x) => g.adaptiveAveragePool2d(x, 3),
        "(2,5)": (x) => g.adaptiveAveragePool2d(x, [2, 5]),
        "(5,7)": (x) => g.adaptiveAveragePool2d(x, [5, 7]),
      },
      true,
    ),
    typed: {
      inputs: [shaped([1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.adaptiveAveragePool2d(x as g.Tensor, 1),
      expected: (x) => shaped([1, 1, 1, 1], [mean((x as Values).data)]),
    },
    dtypes: real,
    gradient: true,
    scale: "result",
    tolerance: 8,
    errors: [
      bad(
        ShapeError,
        () => g.adaptiveAveragePool2d(zeros(1, 0, 2, 1), 1),
        "[adaptiveAveragePool2d] there is nothing to pool, got [1,0,2,1]",
      ),
    ],
  },
  adaptiveAveragePool3d: {
    names: { torch: "nn.functional.adaptive_avg_pool3d" },
    samples: [storedSample("adaptiveAveragePool3d", (x) => g.adaptiveAveragePool3d(x, [2, 4, 3]))],
    typed: {
      inputs: [shaped([1, 1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.adaptiveAveragePool3d(x as g.Tensor, 1),
      expected: (x) => shaped([1, 1, 1, 1, 1], [mean((x as Values).data)]),
    },
    dtypes: real,
    gradient: true,
    scale: "result",
    tolerance: 8,
    errors: [
      bad(
        ArgumentError,
        () => g.adaptiveAveragePool3d(zeros(1, 2, 2, 2, 1), [1, 2]),
        "[adaptiveAveragePool3d] the output size is a whole number >= 1, or 3 of them, got [1,2]",
      ),
    ],
  },
  adaptiveMaxPool1d: {
    names: { torch: "nn.functional.adaptive_max_pool1d" },
    samples: [
      storedSample("adaptiveMaxPool1d 4", (x) => g.adaptiveMaxPool1d(x, 4), false),
      {
        name: "without ties",
        inputs: [random([1, 5, 2])],
        call: (x) => g.adaptiveMaxPool1d(x as g.Tensor, 3),
        expected: (x) =>
          generate([1, 3, 2], ([, i, c]) =>
            Math.max(
              ...[
                [0, 1],
                [1, 2, 3],
                [3, 4],
              ][i as number]!.map((k) => at(x as Values, [0, k, c as number])),
            ),
          ),
      },
    ],
    typed: {
      inputs: [line],
      call: (x) => g.adaptiveMaxPool1d(x as g.Tensor, 2),
      expected: shaped([1, 2, 1], [3, 3]),
    },
    dtypes: number,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.adaptiveMaxPool1d(zeros(1, 0, 1), 1),
        "[adaptiveMaxPool1d] there is nothing to pool, got [1,0,1]",
      ),
    ],
  },
  adaptiveMaxPool2d: {
    names: { torch: "nn.functional.adaptive_max_pool2d" },
    samples: [
      ...adaptiveCases(
        "adaptiveMaxPool2d ",
        {
          1: (x) => g.adaptiveMaxPool2d(x, 1),
          3: (x) => g.adaptiveMaxPool2d(x, 3),
          "(2,5)": (x) => g.adaptiveMaxPool2d(x, [2, 5]),
          "(5,7)": (x) => g.adaptiveMaxPool2d(x, [5, 7]),
        },
        false,
      ),
      {
        name: "without ties",
        inputs: [random([1, 3, 4, 1])],
        call: (x) => g.adaptiveMaxPool2d(x as g.Tensor, [2, 2]),
        expected: (x) =>
          generate([1, 2, 2, 1], ([, i, j]) => {
            const [top, left] = [i as number, 2 * (j as number)];
            return Math.max(
              ...positionsOf([2, 2]).map(([a, b]) =>
                at(x as Values, [0, top + (a as number), left + (b as number), 0]),
              ),
            );
          }),
      },
    ],
    typed: {
      inputs: [shaped([1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.adaptiveMaxPool2d(x as g.Tensor, 1),
      expected: shaped([1, 1, 1, 1], [3]),
    },
    dtypes: number,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.adaptiveMaxPool2d(zeros(1, 4, 1), 1),
        "[adaptiveMaxPool2d] takes [batch, height, width, channels], got [1,4,1]; reshape it first",
      ),
    ],
  },
  adaptiveMaxPool3d: {
    names: { torch: "nn.functional.adaptive_max_pool3d" },
    samples: [
      storedSample("adaptiveMaxPool3d", (x) => g.adaptiveMaxPool3d(x, [2, 4, 3]), false),
      pooling("even", [1, 2, 4, 2, 1], (x) => g.adaptiveMaxPool3d(x, [1, 2, 2]), [2, 2, 1], [1, 2, 2], {}, most),
    ],
    typed: {
      inputs: [shaped([1, 1, 2, 2, 1], [1, 3, 2, 0])],
      call: (x) => g.adaptiveMaxPool3d(x as g.Tensor, 1),
      expected: shaped([1, 1, 1, 1, 1], [3]),
    },
    dtypes: number,
    gradient: true,
    errors: [
      bad(
        ArgumentError,
        () => g.adaptiveMaxPool3d(zeros(1, 2, 2, 2, 1), 0.5),
        "[adaptiveMaxPool3d] the output size is a whole number >= 1, or 3 of them, got 0.5",
      ),
    ],
  },
  globalAveragePool: {
    names: { torch: "nn.AdaptiveAvgPool2d(1)", tfjs: "layers.globalAveragePooling2d" },
    samples: [
      {
        name: "images",
        inputs: [random([2, 3, 4, 2])],
        call: (x) => g.globalAveragePool(x as g.Tensor),
        expected: (x) => fold(x as Values, [1, 2], mean),
      },
      {
        name: "keeping dimensions",
        inputs: [random([2, 3, 2])],
        call: (x) => g.globalAveragePool(x as g.Tensor, true),
        expected: (x) => fold(x as Values, [1], mean, true),
      },
    ],
    dtypes: real,
    gradient: true,
    scale: "result",
    errors: [
      bad(
        ShapeError,
        () => g.globalAveragePool(zeros(2, 3)),
        "[globalAveragePool] takes [batch, ...spatial, channels], got [2,3]",
      ),
    ],
  },
  globalMaxPool: {
    names: { torch: "nn.AdaptiveMaxPool2d(1)", tfjs: "layers.globalMaxPooling2d" },
    samples: [
      {
        name: "images",
        inputs: [random([2, 3, 4, 2])],
        call: (x) => g.globalMaxPool(x as g.Tensor),
        expected: (x) => fold(x as Values, [1, 2], most),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.globalMaxPool(zeros(2, 3)),
        "[globalMaxPool] takes [batch, ...spatial, channels], got [2,3]",
      ),
    ],
  },
} satisfies Rows;
