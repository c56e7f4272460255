import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import type { Local } from "../wasm/value.ts";
import { panelVectors } from "./matmulBlock.ts";
import type { Element } from "./matmulElement.ts";
import { addTile } from "./matmulTile.ts";

/** Distances in bytes. */
export interface LinesLayout {
  readonly aRow: number;
  readonly aStep: number;
  readonly cRow: number;
  /** Vectors in use of a last panel that is not full; 0 where all are. */
  readonly restVectors: number;
}

const tileRows = (vectors: number): number => (vectors <= 2 ? 4 : 2);

/**
 * Adds a function `(a, b, c, lines, rows, aLine, k, runs, aRun, bRun, accumulate)` for a full panel, and one for the last: the sums of
 * `rows` rows in each of `lines` lines, which are `aLine` bytes apart.
 */
export const addLines = (
  module: ModuleBuilder,
  element: Element,
  { aRow, aStep, cRow, restVectors }: LinesLayout,
): { readonly full: FunctionBuilder; readonly last: FunctionBuilder } => {
  const add = (vectors: number): FunctionBuilder => {
    const size = tileRows(vectors);
    const layout = { aRow, aStep, bStep: 16 * panelVectors, cRow };
    const tile = addTile(module, element, { rows: size, vectors }, layout, true);
    const single = addTile(module, element, { rows: 1, vectors }, layout, true);
    return module.add(undefined, Array<"i32">(11).fill("i32"), [], (f, ...params) => {
      const [a, b, c, lines, rows, aLine, k, runs, aRun, bRun, accumulate] = params as Local<"i32">[] as Eleven;
      const row = f.local("i32");
      const last = f.i32(i32.sub(rows, size));
      const at = f.local("i32");
      const walk = (callee: FunctionBuilder, step: number, more: () => ReturnType<typeof i32.leS>): void =>
        f.while(more, () => {
          f.call(callee, at, b, c, k, accumulate, runs, aRun, bRun);
          f.increment(at, step * aRow);
          f.increment(c, step * cRow);
          f.increment(row, step);
        });
      f.while(
        () => i32.gtS(lines, 0),
        () => {
          f.set(at, a);
          f.set(row, i32.const(0));
          walk(tile, size, () => i32.leS(row, last));
          walk(single, 1, () => i32.ltS(row, rows));
          f.set(a, i32.add(a, aLine));
          f.increment(lines, -1);
        },
      );
    });
  };
  const full = add(panelVectors);
  return { full, last: restVectors > 0 ? add(restVectors) : full };
};

type I = Local<"i32">;
type Eleven = [I, I, I, I, I, I, I, I, I, I, I];
