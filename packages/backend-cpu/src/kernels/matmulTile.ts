import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { Local } from "../wasm/value.ts";
import type { Element } from "./matmulElement.ts";

/** Where the operands of a tile lie; distances in bytes. */
export interface TileLayout {
  /** From row to row, and from one step of k to the next, of the left operand. */
  readonly aRow: number;
  readonly aStep: number;
  /** From one step of k to the next of the right operand, whose columns lie side by side. */
  readonly bStep: number;
  /** From row to row of the sums. */
  readonly cRow: number;
  /** A row of the left operand is a vector, multiplied lane by lane, instead of one element for all lanes. */
  readonly lanewise?: boolean;
}

/** Rows, and vectors of columns, of a tile. More than 4 x 2 sums do not fit into 16 registers together with their operands. */
export interface TileSize {
  readonly rows: number;
  readonly vectors: number;
}

/** Steps of k per round of the loop: engines check the stack and move pointers in every round. */
const unroll = 4;

/**
 * Adds a function `(a, b, c, k, accumulate)` for one tile: c[i][j] = Σ_p a[i][p] b[p][j] over `k >= 1` steps, plus what was at `c` when
 * `accumulate` is not 0. With `inRuns` it takes `(..., runs, aRun, bRun)` too: the `k` steps are repeated `runs >= 1` times, each time
 * that many bytes further.
 */
export const addTile = (
  module: ModuleBuilder,
  element: Element,
  { rows, vectors }: TileSize,
  { aRow, aStep, bStep, cRow, lanewise }: TileLayout,
  inRuns = false,
): FunctionBuilder =>
  module.add(undefined, Array<"i32">(inRuns ? 8 : 5).fill("i32"), [], (f, ...params) => {
    const [a0, b0, c, k, accumulate, runs, aRun, bRun] = params as Local<"i32">[] as Tuple8;
    const sums = Array.from({ length: rows * vectors }, () => f.local("v128"));
    const place = (sum: number): number => Math.floor(sum / vectors) * cRow + (sum % vectors) * 16;
    const step = (a: Local<"i32">, b: Local<"i32">, bOffset: number): void => {
      const right = Array.from({ length: vectors }, (_, j) => f.local("v128", v128.load(b, bOffset + 16 * j)));
      for (let i = 0; i < rows; i++) {
        const left = f.local("v128", (lanewise ? v128.load : element.loadSplat)(a, i * aRow));
        const row = sums.slice(i * vectors, (i + 1) * vectors);
        const { multiplyAdd } = element;
        if (multiplyAdd !== undefined) {
          row.forEach((sum, j) => {
            f.set(sum, multiplyAdd(sum, left, right[j] as Local<"v128">));
          });
          continue;
        }
        // Products in pairs: machines start two of them and then two sums at a time.
        for (let j = 0; j < vectors; j += 2) {
          const pair = right.slice(j, j + 2).map((column) => f.local("v128", element.multiply(left, column)));
          pair.forEach((product, n) => {
            const sum = row[j + n] as Local<"v128">;
            f.set(sum, element.add(sum, product));
          });
        }
      }
    };
    // The loop is left in the middle of a round: that spares a second loop for the rest, and keeps engines from loading the operands
    // of all steps at once, for which there are no registers.
    const run = (): void => {
      const a = f.i32(a0);
      const b = f.i32(b0);
      const last = f.i32(i32.add(b, i32.sub(i32.mul(k, bStep), bStep)));
      const lasts = Array.from({ length: unroll - 1 }, (_, i) => (i === 0 ? last : f.i32(i32.sub(last, i * bStep))));
      f.block((done) =>
        f.repeat((again) => {
          for (let i = 0; i < unroll; i++) {
            step(i === 0 ? a : f.i32(i32.add(a, i * aStep)), b, i * bStep);
            if (i < unroll - 1) f.brIf(done, i32.eq(b, lasts[i] as Local<"i32">));
          }
          f.increment(a, unroll * aStep);
          f.increment(b, unroll * bStep);
          f.brIf(again, i32.leU(b, last));
        }),
      );
    };
    if (inRuns) {
      f.repeat((again) => {
        run();
        f.set(a0, i32.add(a0, aRun));
        f.set(b0, i32.add(b0, bRun));
        f.set(runs, i32.sub(runs, 1));
        f.brIf(again, runs);
      });
    } else run();
    // Added at the end: sums of short stretches, and then of these, lose less to rounding than one long sum.
    f.if(accumulate, () => {
      sums.forEach((sum, i) => {
        f.set(sum, element.add(v128.load(c, place(i)), sum));
      });
    });
    sums.forEach((sum, i) => {
      f.store(c, sum, place(i));
    });
  });

type Tuple8 = [
  Local<"i32">,
  Local<"i32">,
  Local<"i32">,
  Local<"i32">,
  Local<"i32">,
  Local<"i32">,
  Local<"i32">,
  Local<"i32">,
];
