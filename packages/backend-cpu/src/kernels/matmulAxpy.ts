import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { Local } from "../wasm/value.ts";
import type { Element } from "./matmulElement.ts";

/** Distances in bytes. */
export interface AxpyLayout {
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly cRow: number;
}

/** Steps of k that share one pass over the sums: as many as there are registers for their factors. */
const together = (m: number): number => (m === 1 ? 8 : 4);

/**
 * Adds a function `(a, b, c, columns, k)`: c[i][j] += Σ_p a[i][p] b[p][j] for `m` rows, where b's columns lie side by side. Several rows
 * of `b` at a time run past the sums, which stay in the first-level cache. Reads and writes whole vectors.
 */
export const addAxpy = (
  module: ModuleBuilder,
  element: Element,
  m: number,
  { aRow, aStep, bStep, cRow }: AxpyLayout,
): FunctionBuilder => {
  const { lanes } = element;
  const addPass = (rows: number, steps: number): FunctionBuilder =>
    module.add(undefined, ["i32", "i32", "i32", "i32"], [], (f, a, b, c, end) => {
      const factors = Array.from({ length: rows * steps }, (_, n) =>
        f.local("v128", element.loadSplat(a, Math.floor(n / steps) * aRow + (n % steps) * aStep)),
      );
      const one = (offset: number): void => {
        const right = Array.from({ length: steps }, (_, p) => f.local("v128", v128.load(b, p * bStep + offset)));
        for (let i = 0; i < rows; i++) {
          const sum = f.local("v128", v128.load(c, i * cRow + offset));
          right.forEach((vector, p) => {
            const factor = factors[i * steps + p] as Local<"v128">;
            f.set(
              sum,
              element.multiplyAdd?.(sum, factor, vector) ?? element.add(sum, element.multiply(factor, vector)),
            );
          });
          f.store(c, sum, i * cRow + offset);
        }
      };
      f.repeat((again) => {
        one(0);
        f.increment(b, 16);
        f.increment(c, 16);
        f.brIf(again, i32.ltU(c, end));
      });
    });
  const passes = (steps: number): ((f: FunctionBuilder, a: I, b: I, c: I, width: I) => void) => {
    const pair = m > 1 ? addPass(2, steps) : undefined;
    const single = m % 2 === 1 ? addPass(1, steps) : undefined;
    return (f, a, b, c, width) => {
      for (let row = 0; row < m; row += 2) {
        const at = f.i32(i32.add(c, row * cRow));
        f.call((row + 1 < m ? pair : single) as FunctionBuilder, i32.add(a, row * aRow), b, at, i32.add(at, width));
      }
    };
  };
  const several = passes(together(m));
  const one = passes(1);
  return module.add(undefined, ["i32", "i32", "i32", "i32", "i32"], [], (f, a, b, c, columns, k) => {
    const width = f.i32(i32.mul(i32.divU(i32.add(columns, lanes - 1), lanes), 16));
    const walk = (pass: typeof several, steps: number): void =>
      f.while(
        () => i32.geS(k, steps),
        () => {
          pass(f, a, b, c, width);
          f.increment(a, steps * aStep);
          f.increment(b, steps * bStep);
          f.increment(k, -steps);
        },
      );
    walk(several, together(m));
    walk(one, 1);
  });
};

type I = Local<"i32">;
