import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { i8x16, v128 } from "../wasm/simd.ts";
import type { Local, V128 } from "../wasm/value.ts";
import type { Element } from "./matmulElement.ts";

/** Rows of the left operand and columns of the right one that are multiplied at once; distances in bytes. */
export interface DotSize {
  readonly rows: 1 | 2;
  readonly columns: 1 | 4;
  readonly aRow: number;
  readonly bColumn: number;
  readonly cRow: number;
}

const lanesOf = (lanes: readonly number[], bytes: number): number[] =>
  lanes.flatMap((lane) => Array.from({ length: bytes }, (_, i) => bytes * lane + i));

/** The sums over the lanes of 4 vectors, side by side. */
const sumLanes = (f: FunctionBuilder, { add, lanes, bytes }: Element, vectors: readonly Local<"v128">[]): V128[] => {
  const pick = (a: V128, b: V128, order: readonly number[]): V128 => i8x16.shuffle(a, b, lanesOf(order, bytes));
  const [a, b, c, d] = vectors as readonly V128[] as [V128, V128, V128, V128];
  if (lanes === 2) {
    const pair = (x: V128, y: V128): V128 => add(pick(x, y, [0, 2]), pick(x, y, [1, 3]));
    return [pair(a, b), pair(c, d)];
  }
  const halves = (x: V128, y: V128): Local<"v128"> =>
    f.local("v128", add(pick(x, y, [0, 4, 1, 5]), pick(x, y, [2, 6, 3, 7])));
  const ab = halves(a, b);
  const cd = halves(c, d);
  return [add(pick(ab, cd, [0, 1, 4, 5]), pick(ab, cd, [2, 3, 6, 7]))];
};

/**
 * Adds a function `(a, b, c, k, accumulate)`: c[i][j] = Σ_p a[i][p] b[j][p], where both lie along k in memory, plus what was at `c` when
 * `accumulate` is not 0. It writes whole vectors, zeros behind the last column.
 */
export const addDot = (
  module: ModuleBuilder,
  element: Element,
  { rows, columns, aRow, bColumn, cRow }: DotSize,
): FunctionBuilder =>
  module.add(undefined, ["i32", "i32", "i32", "i32", "i32"], [], (f, a, b, c, k, accumulate) => {
    const { bytes, lanes } = element;
    const sums = Array.from({ length: 4 * rows }, () => f.local("v128"));
    const step = (load: (address: Local<"i32">, offset: number) => V128): void => {
      const left = Array.from({ length: rows }, (_, i) => f.local("v128", load(a, i * aRow)));
      for (let j = 0; j < columns; j++) {
        const right = f.local("v128", load(b, j * bColumn));
        left.forEach((row, i) => {
          const sum = sums[4 * i + j] as Local<"v128">;
          f.set(sum, element.multiplyAdd?.(sum, row, right) ?? element.add(sum, element.multiply(row, right)));
        });
      }
    };
    const whole = f.i32(i32.add(a, i32.mul(i32.and(k, -lanes), bytes)));
    f.while(
      () => i32.ltU(a, whole),
      () => {
        step(v128.load);
        f.increment(a, 16);
        f.increment(b, 16);
      },
    );
    const end = f.i32(i32.add(a, i32.mul(i32.and(k, lanes - 1), bytes)));
    f.while(
      () => i32.ltU(a, end),
      () => {
        step(element.loadOne);
        f.increment(a, bytes);
        f.increment(b, bytes);
      },
    );
    for (let i = 0; i < rows; i++) {
      const results = sumLanes(f, element, sums.slice(4 * i, 4 * i + 4)).map((sum) => f.local("v128", sum));
      f.if(accumulate, () => {
        results.forEach((result, n) => {
          f.set(result, element.add(result, v128.load(c, i * cRow + 16 * n)));
        });
      });
      results.forEach((result, n) => {
        f.store(c, result, i * cRow + 16 * n);
      });
    }
  });
