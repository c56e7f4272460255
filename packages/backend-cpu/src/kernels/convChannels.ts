import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import type { Local } from "../wasm/value.ts";
import type { ConvGeometry } from "./convGeometry.ts";
import type { Element } from "./matmulElement.ts";
import { addTile } from "./matmulTile.ts";
import { ceilTo } from "./matmulUnits.ts";

/** Nanoseconds of a multiply-add and of storing a result; bytes of patches and sums of a unit; multiply-adds worth a unit; enough units. */
export const depthwiseCosts = {
  multiply: 0.1,
  store: 0.5,
  unitBytes: 96 << 10,
  unitWork: 1 << 18,
  mostUnits: 64,
} as const;

/** Pixels, or taps, that a tile does at once. */
export const tileRows = 6;

/** Whether every channel is convolved with a filter of its own. */
export const isDepthwise = ({ groups, inner, outer }: ConvGeometry): boolean =>
  groups > 1 && inner === 1 && outer === 1;

/** Distances in bytes. */
interface RowsLayout {
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly cRow: number;
}

/**
 * Adds a function `(a, b, c, rows, k, accumulate, runs, aRun, bRun)`: sums of products channel by channel, for all vectors of channels of
 * `rows` rows.
 */
export const addRows = (
  module: ModuleBuilder,
  element: Element,
  channels: number,
  size: number,
  layout: RowsLayout,
): FunctionBuilder => {
  const add = (rows: number): FunctionBuilder =>
    addTile(module, element, { rows, vectors: 1 }, { ...layout, lanewise: true }, true);
  const several = add(size);
  const single = add(1);
  return module.add(undefined, Array<"i32">(9).fill("i32"), [], (f, ...params) => {
    const [a, b, c, rows, k, accumulate, runs, aRun, bRun] = params as I[] as [I, I, I, I, I, I, I, I, I];
    const offset = f.local("i32");
    const walk = (callee: FunctionBuilder, count: number): void =>
      f.while(
        () => i32.geS(rows, count),
        () => {
          f.loop(offset, 0, ceilTo(channels, element.lanes) * element.bytes, 16, () =>
            f.call(callee, i32.add(a, offset), i32.add(b, offset), i32.add(c, offset), k, accumulate, runs, aRun, bRun),
          );
          f.increment(a, count * layout.aRow);
          f.increment(c, count * layout.cRow);
          f.increment(rows, -count);
        },
      );
    walk(several, size);
    walk(single, 1);
  });
};

type I = Local<"i32">;
