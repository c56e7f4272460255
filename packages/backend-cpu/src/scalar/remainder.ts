import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { f64, i32, i64, select } from "../wasm/numeric.ts";
import { f32x4, f64x2, v128 } from "../wasm/simd.ts";
import type { I64, Local, V128 } from "../wasm/value.ts";
import { type FloatLanes, float64Lanes } from "./floatLanes.ts";
import { inHalves } from "./integers.ts";
import type { Scope } from "./scope.ts";

const long = (n: bigint): I64 => i64.const(n);
const implicitBit = 1n << 52n;

/** Significand with its leading bit, shifted up where the number is subnormal, and the exponent that belongs to it. */
const unpack = (f: FunctionBuilder, bits: Local<"i64">): { significand: Local<"i64">; exponent: Local<"i64"> } => {
  const significand = f.local("i64", i64.and(bits, long(implicitBit - 1n)));
  const exponent = f.local("i64", i64.shrU(bits, long(52n)));
  f.if(
    i64.eqz(exponent),
    () => {
      const shift = f.local("i64", i64.sub(i64.clz(significand), long(11n)));
      f.set(significand, i64.shl(significand, shift));
      f.set(exponent, i64.sub(long(1n), shift));
    },
    () => f.set(significand, i64.or(significand, long(implicitBit))),
  );
  return { significand, exponent };
};

/** C's fmod by long division of the significands, one bit a round; exact. */
const longDivision = (module: ModuleBuilder): FunctionBuilder =>
  module.helper("remainder", () =>
    module.add(undefined, ["f64", "f64"], ["f64"], (f, a, b) => {
      const size = (x: Local<"f64">): I64 => i64.and(i64.reinterpretF64(x), long((1n << 63n) - 1n));
      const x = f.local("i64", size(a));
      const y = f.local("i64", size(b));
      const infinity = 0x7ffn << 52n;
      const undefinedHere = i32.or(i32.or(i64.eqz(y), i64.geU(x, long(infinity))), i64.gtU(y, long(infinity)));
      f.if(undefinedHere, () => f.return(f64.const(Number.NaN)));
      f.if(i64.ltU(x, y), () => f.return(a));
      const top = unpack(f, x);
      const bottom = unpack(f, y);
      const rest = top.significand;
      const exponent = top.exponent;
      const subtract = (): void => {
        f.if(i64.geU(rest, bottom.significand), () => f.set(rest, i64.sub(rest, bottom.significand)));
      };
      f.while(
        () => i64.gtS(exponent, bottom.exponent),
        () => {
          subtract();
          f.set(rest, i64.shl(rest, long(1n)));
          f.set(exponent, i64.sub(exponent, long(1n)));
        },
      );
      subtract();
      f.if(i64.eqz(rest), () => f.return(f64.copysign(f64.const(0), a)));
      const shift = f.local("i64", i64.sub(i64.clz(rest), long(11n)));
      f.set(rest, i64.shl(rest, shift));
      f.set(exponent, i64.sub(exponent, shift));
      const normal = i64.or(i64.sub(rest, long(implicitBit)), i64.shl(exponent, long(52n)));
      const subnormal = i64.shrU(rest, i64.sub(long(1n), exponent));
      const bits = select(i64.gtS(exponent, long(0n)), normal, subnormal);
      f.result(f64.copysign(f64.reinterpretI64(bits), a));
    }),
  );

/** Remainders of two float64 by long division. */
const slowly = (s: Scope, a: V128, b: V128): V128 => {
  const divide = longDivision(s.module);
  const lane = (k: number) => s.f.callValue("f64", divide, f64x2.extractLane(a, k), f64x2.extractLane(b, k));
  return f64x2.replaceLane(f64x2.splat(lane(0)), 1, lane(1));
};

/** Quotients of float32 below this are exact enough in float64, so that a - trunc(a / b) b is too. */
const mostQuotient = 2 ** 28;

/** C's fmod: exact, with the sign of the dividend; NaN for a divisor of 0 or an infinite dividend. */
export const remainder = (F: FloatLanes, s: Scope, a: V128, b: V128): V128 => {
  if (F.type === "float64") return slowly(s, s.keep(a), s.keep(b));
  const D = float64Lanes;
  return inHalves(s, [a, b], ([top, bottom]) => {
    const x = s.keep(f64x2.promoteLowF32x4(top as V128));
    const y = s.keep(f64x2.promoteLowF32x4(bottom as V128));
    const quotient = s.keep(f64x2.trunc(f64x2.div(x, y)));
    const result = s.variable(f64x2.sub(x, f64x2.mul(quotient, y)));
    // The quotient may have been rounded up to a whole number: then the rest is on the other side of 0.
    const beyond = D.lt(f64x2.mul(result, x), f64x2.const(0, 0));
    const step = v128.or(f64x2.abs(y), v128.and(x, f64x2.const(-0, -0)));
    s.f.set(result, f64x2.add(result, v128.and(beyond, step)));
    s.f.set(result, v128.or(f64x2.abs(result), v128.and(x, f64x2.const(-0, -0))));
    const small = v128.and(D.lt(f64x2.abs(quotient), D.const(mostQuotient)), D.lt(f64x2.abs(y), D.const(Infinity)));
    s.f.if(D.int.bitmask(v128.not(small)), () => s.f.set(result, slowly(s, x, y)));
    return f32x4.demoteF64x2Zero(result);
  });
};
