import { type ConvKernel, computeType, type KernelInput } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { addRows, depthwiseCosts, tileRows } from "./convChannels.ts";
import { type ConvGeometry, forwardGather, type Gather } from "./convGeometry.ts";
import { convOperand } from "./convOperands.ts";
import { addLineCopy, blockAt, copyPatches, cutBlocks } from "./convPatches.ts";
import { addPhase, unravel } from "./loops.ts";
import { addCopies, type Copy } from "./matmulCopy.ts";
import { type AccumulatorType, elementOf } from "./matmulElement.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { Area, ceilTo, distance, least, Places, ravel } from "./matmulUnits.ts";

type Part = readonly [Gather, Gather, Gather];

/** The gradient of the filter: every tap sums up products over all pixels, in parts that are added up at the end. */
export const compileDepthwiseGradient = (
  kernel: ConvKernel,
  geometry: ConvGeometry,
  options: CompileOptions,
): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const { batch, axes, spatial, groups: channels } = geometry;
  const [deep, high, wide] = axes;
  const [image, result] = kernel.inputs as readonly [KernelInput, KernelInput];
  const element = elementOf(computeType(image.dtype) as AccumulatorType, options.relaxed);
  const { bytes, lanes } = element;
  const window = axes.map((axis) => axis.window);
  const taps = window.reduce((product, n) => product * n, 1);

  const scratch = new Area();
  const own = new Area();
  const copies: Copy[] = [];
  const x = convOperand(0, image, element, 1, true, scratch, copies);
  const dy = convOperand(1, result, element, 1, true, scratch, copies, true);
  const phases: Phase[] = [...addCopies(module, options, kernel, element, copies)];
  const pixelBytes = ceilTo(channels, lanes) * bytes;
  const part = axes.map(forwardGather) as unknown as Part;
  const blocks = cutBlocks(part, pixelBytes, { bytes: depthwiseCosts.unitBytes, sumBytes: 0, lines: (fit) => fit });
  const steps = batch * deep.output * blocks.lineBlocks * blocks.widthBlocks;
  const macs = batch * deep.output * high.output * wide.output * taps * channels;
  const wanted = Math.max(1, Math.min(depthwiseCosts.mostUnits, Math.floor(macs / depthwiseCosts.unitWork)));
  const perPart = Math.max(1, Math.ceil(steps / wanted));
  const parts = Math.max(1, Math.ceil(steps / perPart));
  const partBytes = taps * pixelBytes;
  const sumsOffset = scratch.take(parts * partBytes);
  const patches = own.take(blocks.patches.planeBytes * deep.window + 16);
  const [xN, ...xStrides] = x.strides.slice(0, 4).map((stride) => stride * bytes) as [number, number, number, number];
  const dySteps = dy.strides.slice(0, 4).map((stride) => stride * bytes) as [number, number, number, number];
  const copyLine = addLineCopy(module, { bytes: channels * bytes, from: x.strides[3] * bytes, to: pixelBytes });
  const rows = addRows(module, element, channels, Math.min(tileRows, wide.window), {
    aRow: wide.dilation * pixelBytes,
    aStep: wide.stride * pixelBytes,
    bStep: dySteps[3],
    cRow: pixelBytes,
  });
  const finish = addEpilogue(
    module,
    options,
    kernel,
    { element, rowBytes: pixelBytes, parts, partBytes },
    { all: channels },
  );
  addPhase(module, "multiply", (f, args, mine) => (unit) => {
    const places = new Places(args, kernel);
    const sums = f.i32(places.scratch(plus(times(unit, partBytes), sumsOffset)));
    if (steps === 0) {
      f.fillBytes(sums, 0, partBytes);
      return;
    }
    const start = f.i32(times(unit, perPart));
    const end = least(f, i32.add(start, perPart), steps);
    const xAt = f.i32(places.input(0, x.copy, x.offset * bytes));
    const dyAt = f.i32(places.input(1, dy.copy, dy.offset * bytes));
    const step = f.local("i32");
    const target = f.i32(i32.add(mine, patches));
    f.loop(step, start, end, 1, () => {
      const at = unravel(f, step, [batch, deep.output, blocks.lineBlocks, blocks.widthBlocks]);
      const [n, d0, lineBlock, widthBlock] = at as [I32Like, I32Like, I32Like, I32Like];
      const block = blockAt(f, blocks, part, lineBlock, widthBlock);
      const sizes = [deep.input, high.input, wide.input] as const;
      copyPatches(
        f,
        (...params) => f.call(copyLine, ...params),
        { at: asI32(plus(xAt, times(n, xN))), strides: xStrides, sizes },
        part,
        blocks.patches,
        block,
        d0,
        target,
      );
      const source = f.i32(plus(dyAt, distance([n, d0, block.h0, block.w0], dySteps)));
      const { lineBytes, planeBytes } = blocks.patches;
      for (let kd = 0; kd < deep.window; kd++) {
        const line = f.i32(i32.add(target, kd * planeBytes));
        const c = f.i32(i32.add(sums, kd * high.window * wide.window * pixelBytes));
        const tap = f.local("i32");
        f.loop(tap, 0, high.window, 1, () => {
          f.call(
            rows,
            line,
            source,
            c,
            i32.const(wide.window),
            block.width,
            i32.gtS(step, start),
            block.lines,
            i32.const(high.stride * lineBytes),
            i32.const(dySteps[2]),
          );
          f.increment(line, high.dilation * lineBytes);
          f.increment(c, wide.window * pixelBytes);
        });
      }
    });
  });
  phases.push({ name: "multiply", units: parts, cost: macs * depthwiseCosts.multiply });
  addPhase(module, "sum", (f, args) => (unit) => {
    const tap = unravel(f, unit, window);
    const sums: I32 = new Places(args, kernel).scratch(plus(times(ravel(tap, window), pixelBytes), sumsOffset));
    finish(f, args, sums, { from: 0, to: 1 }, { from: 0, to: channels }, tap.slice(3 - spatial));
  });
  phases.push({ name: "sum", units: taps, cost: taps * channels * parts * depthwiseCosts.store });
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};
