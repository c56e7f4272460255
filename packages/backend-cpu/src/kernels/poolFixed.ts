import { byteSize, type ComputeType, computeType, type KernelInput, type PoolKernel, sizeOf } from "@gradloom/backend";
import { bufferSlot } from "../compiled.ts";
import { float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import { loadLanes } from "../scalar/memory.ts";
import { i32 } from "../wasm/numeric.ts";
import { f32x4, f64x2, i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { plus, splat, times } from "./arithmetic.ts";
import { type Accumulator, innerLevel, type Surroundings } from "./elementwise.ts";
import { type Axis, allInside, tapsAt } from "./poolGeometry.ts";
import { beats, convertMask } from "./poolOrder.ts";

/** More taps are walked by loops. */
export const mostFixedTaps = 16;

interface FixedTap {
  readonly pointers: readonly Local<"i32">[];
  readonly inside: Local<"i32"> | undefined;
}

/** Forward pooling over small windows: the taps' addresses are found once for all channels of an output position. */
export const fixedWindow = (kernel: PoolKernel, axes: readonly Axis[], around: Surroundings): Accumulator => {
  const { s, f, args, at, positions } = around;
  const operands = kernel.inputs.slice(0, kernel.mode === "max" ? 2 : 1);
  const bases = operands.map((_, i) => f.i32(i32.load(args, bufferSlot(i))));
  const inside = allInside(axes);
  const taps: readonly FixedTap[] = Array.from({ length: sizeOf(kernel.window) }, () => ({
    pointers: operands.map(() => f.local("i32")),
    inside: inside ? undefined : f.local("i32"),
  }));
  const channel = at[at.length - 1] as Local<"i32">;
  const load = (tap: FixedTap, operand: number): V128 => {
    const { dtype, view } = operands[operand] as KernelInput;
    const stride = view.strides[view.shape.length - 1] as number;
    const step = stride * byteSize(dtype);
    const address = (): I32 => asI32(plus(tap.pointers[operand] as I32Like, times(channel, step)));
    return loadLanes(s, dtype, { address, offset: positions.ahead * step, stride }, positions.count);
  };
  const whenInside = (tap: FixedTap, body: () => void): void => {
    if (tap.inside === undefined) body();
    else f.if(tap.inside, body);
  };
  const [first, second] = operands.map(({ dtype }) => computeType(dtype)) as [ComputeType, ComputeType];
  return {
    level: innerLevel,
    enterRow: () => {
      const found = tapsAt(f, axes, at.slice(1, -1));
      operands.forEach(({ dtype, view }, operand) => {
        const bytes = byteSize(dtype);
        const image = f.i32(
          plus(
            plus(bases[operand] as I32Like, view.offset * bytes),
            times(at[0] as I32Like, (view.strides[0] as number) * bytes),
          ),
        );
        const strides = view.strides.slice(1, -1).map((stride) => stride * bytes);
        taps.forEach((tap, k) => {
          f.set(
            tap.pointers[operand] as Local<"i32">,
            asI32(plus(image, (found[k] as (typeof found)[number]).offset(strides))),
          );
        });
      });
      taps.forEach((tap, k) => {
        if (tap.inside !== undefined) f.set(tap.inside, (found[k] as (typeof found)[number]).inside as I32);
      });
    },
    value: () => {
      if (kernel.mode === "average") {
        const F = first === "float64" ? float64Lanes : float32Lanes;
        const sum = s.variable(F.const(0));
        const count = f.i32(0);
        for (const tap of taps) {
          whenInside(tap, () => {
            f.set(sum, F.add(sum, load(tap, 0)));
            if (!kernel.countPadding && !inside) f.increment(count, 1);
          });
        }
        if (kernel.countPadding || inside) return F.div(sum, F.const(taps.length));
        const lanes = i32x4.splat(count);
        return F.div(sum, F === float64Lanes ? f64x2.convertLowI32x4S(lanes) : f32x4.convertI32x4S(lanes));
      }
      const best = s.variable(splat(0));
      const value = s.variable(splat(0));
      const started = s.variable(splat(0));
      taps.forEach((tap, k) => {
        whenInside(tap, () => {
          const here = s.keep(load(tap, 0));
          if (inside && k === 0) {
            f.set(best, here);
            f.set(value, load(tap, 1));
            return;
          }
          const better = beats(first, here, best);
          const take = s.keep(inside ? better : v128.or(better, v128.not(started)));
          f.set(best, v128.bitselect(here, best, take));
          f.set(value, v128.bitselect(load(tap, 1), value, convertMask(take, first, second)));
          if (!inside) f.set(started, splat(-1));
        });
      });
      return value;
    },
  };
};
