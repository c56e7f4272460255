import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { f64, i32, i64, select } from "../wasm/numeric.ts";
import type { F64, I64, Local } from "../wasm/value.ts";

/** The binary digits of 2 / pi, after 64 zeros. */
const digits = [
  0n,
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
];

const long = (n: number | bigint): I64 => i64.const(BigInt(n));

/** 64 digits from the word given on. */
const digitsAt = (module: ModuleBuilder): FunctionBuilder =>
  module.helper("digits of 2 / pi", () =>
    module.add(undefined, ["i32"], ["i64"], (f, index) => {
      digits.forEach((word, i) => {
        f.if(i32.eq(index, i), () => f.return(long(word)));
      });
      f.result(long(0));
    }),
  );

/** The upper 64 bits of a product. */
const highProduct = (module: ModuleBuilder): FunctionBuilder =>
  module.helper("high product", () =>
    module.add(undefined, ["i64", "i64"], ["i64"], (f, a, b) => {
      const low = (x: Local<"i64">): I64 => i64.and(x, long(0xffffffff));
      const high = (x: Local<"i64">): I64 => i64.shrU(x, long(32));
      const middle = f.local("i64", i64.add(i64.mul(high(a), low(b)), i64.shrU(i64.mul(low(a), low(b)), long(32))));
      const other = f.local("i64", i64.add(i64.mul(low(a), high(b)), low(middle)));
      f.result(i64.add(i64.mul(high(a), high(b)), i64.add(high(middle), high(other))));
    }),
  );

const halfPi = [1.5707963267948966, 6.123233995736766e-17] as const;

/** Which part of a reduced angle: `x = quadrant pi / 2 + high + low`. */
export type AnglePart = "high" | "low" | "quadrant";
const parts: readonly AnglePart[] = ["high", "low", "quadrant"];

/** x 2 / pi from as many digits of 2 / pi as matter (Payne and Hanek, 1983). The second argument is the part that is wanted. */
const payneHanek = (module: ModuleBuilder): FunctionBuilder =>
  module.helper("large angle", () => {
    const digit = digitsAt(module);
    const multiplyHigh = highProduct(module);
    return module.add(undefined, ["f64", "i32"], ["f64"], (f, x, part) => {
      const bits = f.local("i64", i64.reinterpretF64(x));
      const exponent = f.i32(i32.and(i32.wrapI64(i64.shrU(bits, long(52))), 0x7ff));
      f.if(i32.eq(exponent, 0x7ff), () => f.return(f64.const(Number.NaN)));
      const m = f.local("i64", i64.or(i64.and(bits, long((1n << 52n) - 1n)), long(1n << 52n)));
      // |x| = m 2^(exponent - 1075); digits worth 4 and more drop out.
      const start = f.i32(i32.sub(exponent, 1075 - 62));
      const word = f.i32(i32.shrU(start, 6));
      const shift = f.local("i64", i64.extendI32U(i32.and(start, 63)));
      const window = (k: number): Local<"i64"> => {
        const here = f.callValue("i64", digit, i32.add(word, k));
        const next = f.callValue("i64", digit, i32.add(word, k + 1));
        const rest = i64.shrU(i64.shrU(next, long(1)), i64.sub(long(63), shift));
        return f.local("i64", i64.or(i64.shl(here, shift), rest));
      };
      const [g0, g1, g2] = [window(0), window(1), window(2)];
      const low = f.local("i64", i64.mul(m, g2));
      const carry = f.local("i64", f.callValue("i64", multiplyHigh, m, g2));
      const middle = f.local("i64", i64.add(i64.mul(m, g1), carry));
      const overflow = i64.extendI32U(i64.ltU(middle, carry));
      const top = f.local("i64", i64.add(i64.mul(m, g0), i64.add(f.callValue("i64", multiplyHigh, m, g1), overflow)));
      const quadrant = f.i32(i32.wrapI64(i64.shrU(top, long(62))));
      const high = f.local("i64", i64.or(i64.shl(top, long(2)), i64.shrU(middle, long(62))));
      f.set(low, i64.or(i64.shl(middle, long(2)), i64.shrU(low, long(62))));
      // The fraction nearest to 0: from -1/2 to 1/2.
      const negative = f.i32(i64.ltS(high, long(0)));
      f.if(negative, () => {
        f.increment(quadrant, 1);
        f.set(high, i64.sub(i64.sub(long(0), high), i64.extendI32U(i64.ne(low, long(0)))));
        f.set(low, i64.sub(long(0), low));
      });
      const minus = f.i32(i64.ltS(bits, long(0)));
      f.if(i32.eq(part, parts.indexOf("quadrant")), () => {
        f.return(f64.convertI32S(i32.and(select(minus, i32.sub(0, quadrant), quadrant), 3)));
      });
      const zeros = f.local("i64", i64.clz(high));
      f.set(high, i64.or(i64.shl(high, zeros), i64.shrU(i64.shrU(low, long(1)), i64.sub(long(63), zeros))));
      f.set(low, i64.shl(low, zeros));
      const unit = (exponentOfUnit: number): F64 =>
        f64.reinterpretI64(i64.shl(i64.sub(long(1023 + exponentOfUnit), zeros), long(52)));
      const first = f.local("f64", f64.mul(f64.convertI64U(i64.and(high, long(-2048))), unit(-64)));
      const rest = i64.or(i64.shl(high, long(53)), i64.shrU(low, long(11)));
      const second = f.local("f64", f64.mul(f64.convertI64U(rest), unit(-117)));
      // (first + second) pi / 2, with the exact product of the leading parts (Dekker, 1971).
      const product = f.local("f64", f64.mul(first, f64.const(halfPi[0])));
      const upper = (v: Local<"f64">): Local<"f64"> =>
        f.local("f64", f64.reinterpretI64(i64.and(i64.reinterpretF64(v), long(-(1n << 27n)))));
      const a = upper(first);
      const b = f.local("f64", f64.sub(first, a));
      const pi = f.local("f64", f64.const(halfPi[0]));
      const c = upper(pi);
      const d = f.local("f64", f64.sub(pi, c));
      const cross = f64.add(f64.sub(f64.mul(a, c), product), f64.add(f64.mul(a, d), f64.mul(b, c)));
      const lost = f64.add(cross, f64.mul(b, d));
      const tail = f64.add(f64.mul(first, f64.const(halfPi[1])), f64.mul(second, pi));
      const small = f.local("f64", f64.add(lost, tail));
      const sum = f.local("f64", f64.add(product, small));
      const result = f.local("f64", sum);
      f.if(i32.eq(part, parts.indexOf("low")), () => f.set(result, f64.sub(small, f64.sub(sum, product))));
      f.result(select(i32.xor(minus, negative), f64.neg(result), result));
    });
  });

/** A part of the reduced angle of a large float64 (more than 2^20); NaN for infinities. */
export const largeAngle = (module: ModuleBuilder, f: FunctionBuilder, x: F64, part: AnglePart): F64 =>
  f.callValue("f64", payneHanek(module), x, i32.const(parts.indexOf(part)));
