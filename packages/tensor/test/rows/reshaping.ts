import { ArgumentError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { moving } from "../support/moving.ts";
import type { OpRow, Rows, Sample } from "../support/row.ts";
import { same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random } from "../support/values.ts";

/** The same elements in row-major order under another shape. */
const refilled = (
  name: string,
  shape: readonly number[],
  call: (x: g.Tensor) => g.Tensor,
  result: readonly number[],
): Sample => ({
  name,
  inputs: [random(shape)],
  call: (x) => call(x as g.Tensor),
  expected: (x) => ({ shape: result, data: (x as Values).data }),
});

const shapeError = (call: () => unknown, text: string): OpRow["errors"][number] => ({ call, error: ShapeError, text });
const argumentError = (call: () => unknown, text: string): OpRow["errors"][number] => ({
  call,
  error: ArgumentError,
  text,
});

const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

export const reshaping = {
  reshape: {
    names: { torch: "reshape", numpy: "reshape", tfjs: "reshape" },
    samples: [
      refilled("to rank 3", [2, 6], (x) => x.reshape([2, 3, 2]), [2, 3, 2]),
      refilled("with -1", [2, 6], (x) => x.reshape([-1, 4]), [3, 4]),
      refilled("rank 0", [1, 1], (x) => x.reshape([]), []),
      refilled("from rank 0", [], (x) => x.reshape([1, 1]), [1, 1]),
      refilled("empty", [0, 3], (x) => x.reshape([3, 0, 2]), [3, 0, 2]),
      {
        name: "of a transposition",
        inputs: [random([2, 3])],
        call: (x) => (x as g.Tensor).transpose().reshape([6]),
        expected: (x) => generate([6], ([i]) => at(x as Values, [(i as number) % 2, Math.floor((i as number) / 2)])),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(
        () => zeros(2, 3).reshape([4]),
        "[reshape] 6 elements do not fill 4, got [2,3] and [4]; give a shape of the same size, or -1 for one of its sizes",
      ),
      shapeError(() => zeros(2, 3).reshape([4, -1]), "[reshape] cannot work out -1, got [2,3] and [4,-1]"),
      shapeError(() => zeros(0, 3).reshape([0, -1]), "[reshape] cannot work out -1, got [0,3] and [0,-1]"),
    ],
  },
  flatten: {
    names: { torch: "flatten", numpy: "ravel", tfjs: "Tensor.flatten" },
    samples: [
      refilled("all", [2, 3, 2], (x) => x.flatten(), [12]),
      refilled("the last two", [2, 3, 2], (x) => x.flatten(1), [2, 6]),
      refilled("the first two", [2, 3, 2], (x) => g.flatten(x, 0, -2), [6, 2]),
      refilled("rank 0", [], (x) => g.flatten(x), [1]),
      refilled("empty", [2, 0], (x) => g.flatten(x), [0]),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(
        () => g.flatten(zeros(2, 3), 1, 0),
        "[flatten] the first axis lies behind the last, got 1 and 0 of [2,3]",
      ),
      shapeError(() => g.flatten(zeros(2, 3), 2), "[flatten] axis 2 is out of range for rank 2; use -2 to 1"),
    ],
  },
  squeeze: {
    names: { torch: "squeeze", numpy: "squeeze", tfjs: "squeeze" },
    samples: [
      refilled("all", [1, 2, 1, 3], (x) => x.squeeze(), [2, 3]),
      refilled("one", [1, 2, 1, 3], (x) => x.squeeze(-2), [1, 2, 3]),
      refilled("two", [1, 2, 1], (x) => x.squeeze([0, 2]), [2]),
      refilled("to rank 0", [1], (x) => x.squeeze(), []),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(
        () => g.squeeze(zeros(2, 1), 0),
        "[squeeze] axis 0 has size 2, not 1, got [2,1]; use reshape or slice",
      ),
    ],
  },
  unsqueeze: {
    names: { torch: "unsqueeze", numpy: "expand_dims", tfjs: "expandDims" },
    samples: [
      refilled("first", [2, 3], (x) => x.unsqueeze(0), [1, 2, 3]),
      refilled("last", [2, 3], (x) => x.unsqueeze(-1), [2, 3, 1]),
      refilled("rank 0", [], (x) => x.unsqueeze(0), [1]),
    ],
    dtypes: same,
    gradient: true,
    errors: [shapeError(() => g.unsqueeze(zeros(2), 2), "[unsqueeze] axis 2 is out of range for rank 2; use -2 to 1")],
  },
  permute: {
    names: { torch: "permute", numpy: "transpose", tfjs: "transpose" },
    samples: [
      moving(
        "three axes",
        [2, 3, 4],
        (x) => x.permute([2, 0, 1]),
        [4, 2, 3],
        ([i, j, k]) => [j, k, i] as number[],
      ),
      moving(
        "negative axes",
        [2, 3],
        (x) => x.permute([-1, 0]),
        [3, 2],
        ([i, j]) => [j, i] as number[],
      ),
      moving(
        "rank 0",
        [],
        (x) => x.permute([]),
        [],
        () => [],
      ),
      moving(
        "empty",
        [0, 3],
        (x) => x.permute([1, 0]),
        [3, 0],
        () => [],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => zeros(2, 3).permute([0, 0]), "[permute] axes must name each dimension of [2,3] once, got [0,0]"),
    ],
  },
  transpose: {
    names: { torch: "transpose", numpy: "swapaxes", tfjs: "transpose" },
    samples: [
      moving(
        "the last two",
        [2, 3, 4],
        (x) => x.transpose(),
        [2, 4, 3],
        ([i, j, k]) => [i, k, j] as number[],
      ),
      moving(
        "others",
        [2, 3, 4],
        (x) => x.transpose(0, -1),
        [4, 3, 2],
        ([i, j, k]) => [k, j, i] as number[],
      ),
      moving(
        "an axis with itself",
        [2, 3],
        (x) => x.transpose(1, 1),
        [2, 3],
        (p) => p,
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [shapeError(() => zeros(2).transpose(), "[transpose] axis -2 is out of range for rank 1; use -1 to 0")],
  },
  moveAxis: {
    names: { torch: "movedim", numpy: "moveaxis" },
    samples: [
      moving(
        "to the end",
        [2, 3, 4],
        (x) => g.moveAxis(x, 0, -1),
        [3, 4, 2],
        ([i, j, k]) => [k, i, j] as number[],
      ),
      moving(
        "two",
        [2, 3, 4],
        (x) => g.moveAxis(x, [0, 2], [1, 0]),
        [4, 2, 3],
        ([i, j, k]) => [j, k, i] as number[],
      ),
      moving(
        "nowhere",
        [2, 3],
        (x) => g.moveAxis(x, 1, 1),
        [2, 3],
        (p) => p,
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(
        () => g.moveAxis(zeros(2, 3), [0, 1], 0),
        "[moveAxis] needs as many places as axes, got [0,1] and [0]",
      ),
      shapeError(() => g.moveAxis(zeros(2, 3), [0, -2], [0, 1]), "[moveAxis] an axis is named twice, got [0,0]"),
    ],
  },
  swapAxes: {
    names: { torch: "swapaxes", numpy: "swapaxes" },
    samples: [
      moving(
        "ends",
        [2, 3, 4],
        (x) => g.swapAxes(x, 0, 2),
        [4, 3, 2],
        ([i, j, k]) => [k, j, i] as number[],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [shapeError(() => g.swapAxes(zeros(2), 0, 1), "[swapAxes] axis 1 is out of range for rank 1; use -1 to 0")],
  },
  broadcastTo: {
    names: { torch: "broadcast_to", numpy: "broadcast_to", tfjs: "broadcastTo" },
    samples: [
      moving(
        "rows",
        [3],
        (x) => x.broadcastTo([2, 3]),
        [2, 3],
        ([, j]) => [j as number],
      ),
      moving(
        "size 1",
        [2, 1],
        (x) => x.broadcastTo([4, 2, 3]),
        [4, 2, 3],
        ([, j]) => [j as number, 0],
      ),
      moving(
        "rank 0",
        [],
        (x) => x.broadcastTo([2, 2]),
        [2, 2],
        () => [],
      ),
      moving(
        "to nothing",
        [1, 2],
        (x) => x.broadcastTo([0, 2]),
        [0, 2],
        () => [0, 0],
      ),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => zeros(2).broadcastTo([3]), "[broadcastTo] only dimensions of size 1 repeat, got [2] and [3]"),
      shapeError(
        () => zeros(2, 3).broadcastTo([3]),
        "[broadcastTo] only dimensions of size 1 repeat, got [2,3] and [3]",
      ),
    ],
  },
  meshgrid: {
    names: { torch: "meshgrid", numpy: "meshgrid", tfjs: "meshgrid" },
    samples: [
      {
        name: "ij",
        inputs: [random([2]), random([3])],
        call: (a, b) => g.meshgrid([a as g.Tensor, b as g.Tensor]),
        expected: (a, b) => [
          generate([2, 3], ([i]) => at(a as Values, [i as number])),
          generate([2, 3], ([, j]) => at(b as Values, [j as number])),
        ],
      },
      {
        name: "xy",
        inputs: [random([2]), random([3]), random([])],
        call: (a, b, c) => g.meshgrid([a, b, c] as g.Tensor[], "xy"),
        expected: (a, b, c) => [
          generate([3, 2, 1], ([, j]) => at(a as Values, [j as number])),
          generate([3, 2, 1], ([i]) => at(b as Values, [i as number])),
          generate([3, 2, 1], () => at(c as Values, [])),
        ],
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      shapeError(() => g.meshgrid([zeros(2, 2)]), "[meshgrid] takes lists, got [2,2]; flatten it first"),
      argumentError(() => g.meshgrid([zeros(2)], "yx" as "xy"), '[meshgrid] unknown indexing "yx"; use "ij" or "xy"'),
    ],
  },
} satisfies Rows;
