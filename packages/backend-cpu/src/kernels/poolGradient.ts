import {
  byteSize,
  type ComputeType,
  computeType,
  contiguousStrides,
  type KernelInput,
  type PoolKernel,
  sizeOf,
  type View,
} from "@gradloom/backend";
import { bufferSlot, type CompiledKernel, type CompileOptions, type Phase, scratchSlot } from "../compiled.ts";
import { float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import { type Count, loadLanes, storeLanes } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { f32x4, f64x2, i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local, type V128 } from "../wasm/value.ts";
import { plus, splat, times } from "./arithmetic.ts";
import { addElementwise } from "./elementwise.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import { type Axis, tapsAt } from "./poolGeometry.ts";
import { addLanes, beats, convertMask } from "./poolOrder.ts";

/** Channels of a unit. */
const blockChannels = 64;

/** The accumulator is stored as it is, so that it can be summed in the output itself. */
const isBare = (kernel: PoolKernel, type: ComputeType): boolean => {
  const [output] = kernel.outputs;
  return (
    kernel.outputs.length === 1 &&
    kernel.nodes[output?.node ?? -1]?.op === "accumulator" &&
    output?.dtype === type &&
    output.over === undefined
  );
};

/**
 * Gradients of pooling over small windows: window by window, dy is added to the elements of x that it came from. A unit owns the
 * channels of one image, so each sum is made by one thread, in the order of the windows.
 */
export const compilePoolGradient = (
  kernel: PoolKernel,
  axes: readonly Axis[],
  options: CompileOptions,
): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const isMax = kernel.mode === "max";
  const dy = kernel.inputs[isMax ? 1 : 0] as KernelInput;
  const x = kernel.inputs[0] as KernelInput;
  const type = computeType(dy.dtype);
  const ordering = computeType(x.dtype);
  const bytes = byteSize(type);
  const { shape } = kernel;
  const rank = shape.length;
  const [images, channels] = [shape[0] as number, shape[rank - 1] as number];
  const buffers = kernel.inputs.length + kernel.outputs.length;
  const bare = isBare(kernel, type);
  const strides = bare ? (kernel.outputs[0]?.strides as readonly number[]) : contiguousStrides(shape);
  const target = bare ? kernel.inputs.length : buffers;
  const columns = Math.min(channels, blockChannels);
  const blocks = Math.ceil(channels / columns);
  const sum: View = { shape, strides, offset: 0, valid: undefined };
  const phases: Phase[] = [];
  addPhase(module, "gradient", (f, args) => {
    const s = new Scope(module, f, type === "float64" || (isMax && ordering === "float64") ? 2 : 4, options.relaxed);
    const base = (slot: number): Local<"i32"> => f.i32(i32.load(args, slot));
    const sums = base(bare ? bufferSlot(target) : scratchSlot(buffers));
    const ys = base(bufferSlot(isMax ? 1 : 0));
    const xs = base(bufferSlot(0));
    const channel = f.local("i32");
    const position = axes.map(() => f.local("i32"));
    const lanesOf = (dtype: KernelInput["dtype"], stride: number, pointer: Local<"i32">, ahead: number) => {
      const step = stride * byteSize(dtype);
      return { address: (): I32 => asI32(plus(pointer, times(channel, step))), offset: ahead * step, stride };
    };
    const channelStride = (view: View): number => view.strides[rank - 1] as number;
    const spatial = (view: View, size: number): number[] => view.strides.slice(1, -1).map((stride) => stride * size);
    return (unit) => {
      const [image, block] = unravel(f, unit, [images, blocks]) as [I32Like, I32Like];
      const left = blocks === 1 ? 0 : f.i32(times(block, columns));
      const end = blocks === 1 ? channels : f.i32(plus(left, columns));
      const right = typeof end === "number" ? end : f.i32(select(i32.ltS(end, channels), end, i32.const(channels)));
      const span = { from: left, to: right, multiple: channels % columns === 0 ? columns : 1 };
      const start = (view: View, size: number, from: Local<"i32">): Local<"i32"> =>
        f.i32(plus(plus(from, view.offset * size), times(image, (view.strides[0] as number) * size)));
      const sumImage = start(sum, bytes, sums);
      const dyImage = start(dy.view, byteSize(dy.dtype), ys);
      const xImage = isMax ? start(x.view, byteSize(x.dtype), xs) : undefined;
      const walk = (sizes: readonly number[], body: () => void, d = 0): void => {
        if (d === sizes.length) body();
        else f.loop(position[d] as Local<"i32">, 0, sizes[d] as number, 1, () => walk(sizes, body, d + 1));
      };
      const place = (image: Local<"i32">, list: readonly number[]): Local<"i32"> =>
        f.i32(position.reduce((total: I32Like, at, d) => plus(total, times(at, list[d] as number)), image));
      walk(shape.slice(1, -1), () => {
        const pointer = place(sumImage, spatial(sum, bytes));
        vectorLoop(s, channel, span, 1, (count, ahead) => {
          storeLanes(s, type, lanesOf(type, channelStride(sum), pointer, ahead), splat(0), count);
        });
      });
      walk(
        axes.map(({ out }) => out),
        () => {
          const taps = tapsAt(f, axes, position).map((tap) => ({
            inside: tap.inside === undefined ? undefined : f.i32(tap.inside),
            sum: f.i32(plus(sumImage, tap.offset(spatial(sum, bytes)))),
            x: xImage && f.i32(plus(xImage, tap.offset(spatial(x.view, byteSize(x.dtype))))),
          }));
          const whenInside = (tap: (typeof taps)[number], body: () => void): void => {
            if (tap.inside === undefined) body();
            else f.if(tap.inside, body);
          };
          const dyPointer = place(dyImage, spatial(dy.view, byteSize(dy.dtype)));
          const divisor = f.i32(taps.length);
          if (!isMax && !kernel.countPadding && taps[0]?.inside !== undefined) {
            f.set(divisor, i32.const(0));
            for (const { inside } of taps) f.set(divisor, i32.add(divisor, inside as I32));
          }
          vectorLoop(s, channel, span, 1, (count: Count, ahead: number) => {
            const given = loadLanes(s, dy.dtype, lanesOf(dy.dtype, channelStride(dy.view), dyPointer, ahead), count);
            const add = (pointer: Local<"i32">, value: V128): void => {
              const lanes = lanesOf(type, channelStride(sum), pointer, ahead);
              storeLanes(s, type, lanes, addLanes(type, loadLanes(s, type, lanes, count), value), count);
            };
            if (!isMax) {
              const F = type === "float64" ? float64Lanes : float32Lanes;
              const number = i32x4.splat(divisor);
              const share = s.keep(
                F.div(given, F === float64Lanes ? f64x2.convertLowI32x4S(number) : f32x4.convertI32x4S(number)),
              );
              for (const tap of taps) whenInside(tap, () => add(tap.sum, share));
              return;
            }
            const value = s.keep(given);
            const best = s.variable(splat(0));
            const chosen = s.variable(splat(-1));
            taps.forEach((tap, k) => {
              whenInside(tap, () => {
                const lanes = lanesOf(x.dtype, channelStride(x.view), tap.x as Local<"i32">, ahead);
                const here = s.keep(loadLanes(s, x.dtype, lanes, count));
                const better = convertMask(beats(ordering, here, best), ordering, "int32");
                const take = s.keep(v128.or(better, i32x4.eq(chosen, splat(-1))));
                f.set(best, v128.bitselect(here, best, convertMask(take, "int32", ordering)));
                f.set(chosen, v128.bitselect(splat(k), chosen, take));
              });
            });
            taps.forEach((tap, k) => {
              whenInside(tap, () =>
                add(tap.sum, v128.and(value, convertMask(i32x4.eq(chosen, splat(k)), "int32", type))),
              );
            });
          });
        },
      );
    };
  });
  const taps = sizeOf(kernel.window);
  const outputs = images * channels * axes.reduce((size, { out }) => size * out, 1);
  phases.push({ name: "gradient", units: images * blocks, cost: outputs * taps + 0.2 * sizeOf(shape) });
  if (!bare) {
    phases.push(
      addElementwise(
        module,
        {
          shape,
          inputs: [...kernel.inputs, { dtype: type, view: sum }],
          nodes: kernel.nodes.map((node) =>
            node.op === "accumulator" ? { op: "load", type, input: kernel.inputs.length } : node,
          ),
          outputs: kernel.outputs,
        },
        {
          ...options,
          name: "epilogue",
          slots: [...kernel.inputs.keys(), buffers, ...kernel.outputs.map((_, i) => kernel.inputs.length + i)],
          buffers,
        },
      ),
    );
  }
  return { code: module.toBytes(), phases, scratchBytes: bare ? 0 : bytes * sizeOf(shape) };
};
