import type { Count } from "../scalar/memory.ts";
import type { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32Like, type Local } from "../wasm/value.ts";
import { plus } from "./arithmetic.ts";

/** Adds the exported function of a phase; `body` does one unit and `prepare` what all units share. */
export const addPhase = (
  module: ModuleBuilder,
  name: string,
  prepare: (f: FunctionBuilder, args: Local<"i32">, own: Local<"i32">) => (unit: Local<"i32">) => void,
): void => {
  module.add(name, ["i32", "i32", "i32", "i32"], [], (f, args, begin, end, own) => {
    const body = prepare(f, args, own);
    const unit = f.local("i32");
    f.loop(unit, begin, end, 1, () => body(unit));
  });
};

/** Row-major position of `index` within `shape`; dimensions of size 1 are constants. */
export const unravel = (f: FunctionBuilder, index: Local<"i32">, shape: readonly number[]): I32Like[] => {
  const positions: I32Like[] = shape.map(() => 0);
  const dims = shape.map((_, d) => d).filter((d) => shape[d] !== 1);
  let rest: Local<"i32"> = index;
  for (let k = dims.length - 1; k >= 0; k--) {
    const d = dims[k] as number;
    const n = shape[d] as number;
    if (k === 0) positions[d] = rest;
    else {
      const quotient = f.i32(i32.divU(rest, n));
      positions[d] = f.i32(i32.sub(rest, i32.mul(quotient, n)));
      rest = quotient;
    }
  }
  return positions;
};

/** `from <= position < to`, of which the lanes of a vector do several at once. */
export interface Span {
  readonly from: I32Like;
  readonly to: Local<"i32"> | number;
  /** The number of positions is known to be a multiple of this. */
  readonly multiple: number;
}

/**
 * Walks a span with `lanes` positions at a time, then writes the body once more for those that are left. `body` gets the number of
 * lanes that are there and, of `unroll` copies in a round, its first lane.
 */
export const vectorLoop = (
  s: Scope,
  counter: Local<"i32">,
  { from, to, multiple }: Span,
  unroll: number,
  body: (count: Count, ahead: number) => void,
): void => {
  const { f, lanes } = s;
  const step = lanes * unroll;
  const round = (): void => {
    for (let k = 0; k < unroll; k++) body("all", k * lanes);
  };
  if (typeof from === "number" && typeof to === "number") {
    const rounds = Math.floor((to - from) / step);
    const whole = from + rounds * step;
    if (rounds === 1) {
      f.set(counter, i32.const(from));
      round();
    } else if (rounds > 1) f.loop(counter, from, whole, step, round);
    f.set(counter, i32.const(whole));
    let at = whole;
    for (; at + lanes <= to; at += lanes) body("all", at - whole);
    if (at < to) body(to - at, at - whole);
    return;
  }
  f.set(counter, asI32(from));
  if (multiple % step === 0) {
    f.while(
      () => i32.ltS(counter, to),
      () => {
        round();
        f.increment(counter, step);
      },
    );
    return;
  }
  const last = f.i32(plus(to, -step));
  f.while(
    () => i32.leS(counter, last),
    () => {
      round();
      f.increment(counter, step);
    },
  );
  if (unroll > 1) {
    const lastVector = f.i32(plus(to, -lanes));
    f.while(
      () => i32.leS(counter, lastVector),
      () => {
        body("all", 0);
        f.increment(counter, lanes);
      },
    );
  }
  if (multiple % lanes === 0) return;
  const rest = f.i32(i32.sub(asI32(to), counter));
  f.if(i32.gtS(rest, 0), () => body(rest, 0));
};
