import { type ComputeType, computeType, type KernelInput, type PoolKernel, sizeOf } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { type FloatLanes, float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import { i32, select } from "../wasm/numeric.ts";
import { f32x4, f64x2, i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { plus, splat, times } from "./arithmetic.ts";
import { type Accumulator, compileElementwise, innerLevel, type Surroundings } from "./elementwise.ts";
import { fixedWindow, mostFixedTaps } from "./poolFixed.ts";
import { type Axis, axesOf } from "./poolGeometry.ts";
import { compilePoolGradient } from "./poolGradient.ts";
import { addLanes, beats, convertMask } from "./poolOrder.ts";
import { Positions } from "./positions.ts";

/** Loops over windows are inside the loops over elements. */
const tapLevel = innerLevel + 1;

/** Loops over window taps and over the windows of an element, at positions of their own. */
class Windows {
  private readonly around: Surroundings;
  private readonly batch: Local<"i32">;
  private readonly channel: Local<"i32">;
  /** Views of x or y with positions of their own in the spatial dimensions. */
  private readonly views: Positions;
  private readonly input: number;
  private readonly spatial: readonly Local<"i32">[];

  constructor(around: Surroundings, axes: readonly Axis[], inputs: readonly KernelInput[], input: number) {
    const { s, f, args, at } = around;
    this.around = around;
    this.batch = at[0] as Local<"i32">;
    this.channel = at[at.length - 1] as Local<"i32">;
    this.spatial = axes.map(() => f.local("i32"));
    const dimensions = [this.batch, ...this.spatial, this.channel].map((local) => ({
      level: tapLevel,
      at: () => local,
    }));
    const buffers = { inputs, outputs: [], nodes: [] };
    this.views = new Positions(s, buffers, { dimensions, vector: at.length - 1 }, args, { loads: new Set([input]) });
    this.input = input;
  }

  enter(): void {
    this.views.enter(0);
  }

  /** The lanes at given spatial positions. */
  load(position: readonly I32Like[]): V128 {
    const { f, positions } = this.around;
    this.spatial.forEach((local, d) => {
      f.set(local, asI32(position[d] as I32Like));
    });
    this.views.enter(tapLevel);
    this.views.count = positions.count;
    this.views.ahead = positions.ahead;
    return this.views.load(this.input);
  }
}

/** Runs `body` for every tap of the window at `y` that lies on the input; taps are numbered in row-major order. */
const eachTap = (
  { f }: Surroundings,
  axes: readonly Axis[],
  y: readonly I32Like[],
  body: (x: readonly I32Like[], tap: I32) => void,
): void => {
  const nest = (d: number, x: readonly I32Like[], before: I32Like): void => {
    if (d === axes.length) {
      body(x, asI32(before));
      return;
    }
    const { n, size, stride, low, dilation } = axes[d] as Axis;
    const tap = f.local("i32");
    const start = f.i32(plus(times(y[d] as I32Like, stride), -low));
    f.loop(tap, 0, size, 1, () => {
      const at = f.i32(plus(start, times(tap, dilation)));
      f.if(i32.ltU(at, n), () => nest(d + 1, [...x, at], f.i32(plus(times(before, size), tap))));
    });
  };
  nest(0, [], 0);
};

/** Runs `body` for every window y that has a tap on x. */
const eachWindow = (
  { f }: Surroundings,
  axes: readonly Axis[],
  x: readonly I32Like[],
  body: (y: readonly Local<"i32">[], tap: I32) => void,
): void => {
  const nest = (d: number, y: readonly Local<"i32">[], before: I32Like): void => {
    if (d === axes.length) {
      body(y, asI32(before));
      return;
    }
    const { out, size, stride, low, dilation } = axes[d] as Axis;
    const tap = f.local("i32");
    f.loop(tap, 0, size, 1, () => {
      const from = f.i32(plus(plus(x[d] as I32Like, low), times(tap, -dilation)));
      f.if(i32.geS(from, 0), () => {
        const window = f.i32(stride === 1 ? from : i32.divU(from, stride));
        const fits = i32.ltS(window, out);
        const exact = stride === 1 ? fits : i32.and(fits, i32.eq(i32.mul(window, stride), from));
        f.if(exact, () => nest(d + 1, [...y, window], f.i32(plus(times(before, size), tap))));
      });
    });
  };
  nest(0, [], 0);
};

/** Number of taps of the window at `y` that lie on the input. */
const tapsInside = ({ f }: Surroundings, axes: readonly Axis[], y: readonly I32Like[]): I32 => {
  let count: I32Like = 1;
  axes.forEach(({ n, size, stride, low, dilation }, d) => {
    const start = f.i32(plus(times(y[d] as I32Like, stride), -low));
    // Taps before the first position, and taps up to the last one.
    const before = select(i32.ltS(start, 0), i32.divS(i32.sub(dilation - 1, start), dilation), i32.const(0));
    const upTo = f.i32(i32.divS(i32.sub(n - 1 + dilation, start), dilation));
    const inside = i32.sub(select(i32.ltS(upTo, size), upTo, i32.const(size)), before);
    count = typeof count === "number" ? inside : i32.mul(count, inside);
  });
  return asI32(count);
};

const splatCount = (F: FloatLanes, count: I32): V128 =>
  F.type === "float64" ? f64x2.convertLowI32x4S(i32x4.splat(count)) : f32x4.convertI32x4S(i32x4.splat(count));

type Calculate = (kernel: PoolKernel, around: Surroundings, axes: readonly Axis[], windows: readonly Windows[]) => V128;

const spatialOf = ({ at }: Surroundings): readonly Local<"i32">[] => at.slice(1, -1);

/** v at the first largest x of the window. */
const maxForward: Calculate = (kernel, around, axes, [x, v]) => {
  const { s, f } = around;
  const [ordering, picked] = kernel.inputs.map(({ dtype }) => computeType(dtype)) as [ComputeType, ComputeType];
  const best = s.variable(splat(0));
  const value = s.variable(splat(0));
  const started = s.variable(splat(0));
  eachTap(around, axes, spatialOf(around), (position) => {
    const here = s.keep((x as Windows).load(position));
    const take = s.keep(v128.or(beats(ordering, here, best), v128.not(started)));
    f.set(best, v128.bitselect(here, best, take));
    f.set(value, v128.bitselect((v as Windows).load(position), value, convertMask(take, ordering, picked)));
    f.set(started, splat(-1));
  });
  return value;
};

/** Sum of dy over the windows whose first largest element this one is. */
const maxGradient: Calculate = (kernel, around, axes, [x, dy]) => {
  const { s, f } = around;
  const [ordering, summed] = kernel.inputs.map(({ dtype }) => computeType(dtype)) as [ComputeType, ComputeType];
  const own = s.keep((x as Windows).load(spatialOf(around)));
  const sum = s.variable(splat(0));
  eachWindow(around, axes, spatialOf(around), (y, tap) => {
    const mine = f.i32(tap);
    const chosen = s.variable(splat(-1));
    eachTap(around, axes, y, (position, other) => {
      const tapHere = f.i32(other);
      f.if(i32.ne(tapHere, mine), () => {
        const there = s.keep((x as Windows).load(position));
        f.if(
          i32.ltS(tapHere, mine),
          () => f.set(chosen, v128.and(chosen, beats(ordering, own, there))),
          () => f.set(chosen, v128.andnot(chosen, beats(ordering, there, own))),
        );
      });
    });
    f.set(sum, addLanes(summed, sum, v128.and((dy as Windows).load(y), convertMask(chosen, ordering, summed))));
  });
  return sum;
};

const floatLanesOf = (kernel: PoolKernel): FloatLanes =>
  computeType((kernel.inputs[0] as KernelInput).dtype) === "float64" ? float64Lanes : float32Lanes;

const averageForward: Calculate = (kernel, around, axes, [x]) => {
  const { s, f } = around;
  const F = floatLanesOf(kernel);
  const sum = s.variable(F.const(0));
  const count = f.i32(0);
  eachTap(around, axes, spatialOf(around), (position) => {
    f.set(sum, F.add(sum, (x as Windows).load(position)));
    f.increment(count, 1);
  });
  return F.div(sum, kernel.countPadding ? F.const(sizeOf(kernel.window)) : splatCount(F, count));
};

const averageGradient: Calculate = (kernel, around, axes, [dy]) => {
  const { s, f } = around;
  const F = floatLanesOf(kernel);
  const sum = s.variable(F.const(0));
  eachWindow(around, axes, spatialOf(around), (y) => {
    const divisor = kernel.countPadding ? F.const(sizeOf(kernel.window)) : splatCount(F, tapsInside(around, axes, y));
    f.set(sum, F.add(sum, F.div((dy as Windows).load(y), divisor)));
  });
  return sum;
};

const calculations: Readonly<Record<PoolKernel["mode"], Readonly<Record<PoolKernel["direction"], Calculate>>>> = {
  max: { forward: maxForward, gradient: maxGradient },
  average: { forward: averageForward, gradient: averageGradient },
};

/** Pool kernels: elementwise over the result, with an accumulator that walks windows; lanes lie along the channels. */
export const compilePool = (kernel: PoolKernel, options: CompileOptions): CompiledKernel => {
  const operands = kernel.inputs.slice(0, kernel.mode === "max" ? 2 : 1);
  const other = (operands[operands.length - 1] as KernelInput).view.shape;
  const first = (operands[0] as KernelInput).view.shape;
  const [x, y] = kernel.direction === "forward" ? [first, kernel.shape] : [kernel.shape, other];
  const axes = axesOf(kernel, x, y);
  const taps = sizeOf(kernel.window);
  const plain = operands.every(({ view }) => view.valid === undefined) && taps <= mostFixedTaps;
  if (plain && kernel.direction === "gradient" && sizeOf(kernel.shape) * sizeOf(y) > 0) {
    return compilePoolGradient(kernel, axes, options);
  }
  const windowsOfOne = kernel.direction === "forward" ? 1 : taps / Math.max(1, sizeOf(kernel.stride));
  return compileElementwise(kernel, {
    ...options,
    name: "pool",
    accumulator: (around): Accumulator => {
      if (plain && kernel.direction === "forward") return fixedWindow(kernel, axes, around);
      const windows = operands.map((_, i) => new Windows(around, axes, kernel.inputs, i));
      return {
        level: innerLevel,
        enter: () => {
          for (const one of windows) one.enter();
        },
        value: () => calculations[kernel.mode][kernel.direction](kernel, around, axes, windows),
      };
    },
    accumulatorCost: 0.5 * taps * Math.max(1, windowsOfOne),
  });
};
