import { type ConvKernel, computeType, type KernelInput } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32Like } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { addRows, depthwiseCosts, tileRows } from "./convChannels.ts";
import { compileDepthwiseGradient } from "./convDepthwiseGradient.ts";
import { type ConvGeometry, convGeometry, forwardGather, type Gather, gradientGathers } from "./convGeometry.ts";
import { convOperand } from "./convOperands.ts";
import { addLineCopy, blockAt, copyPatches, cutBlocks } from "./convPatches.ts";
import { addPhase, unravel } from "./loops.ts";
import { addCopies, type Copy } from "./matmulCopy.ts";
import { type AccumulatorType, elementOf } from "./matmulElement.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { Area, ceilTo, distance, inTurn, Places } from "./matmulUnits.ts";

type Part = readonly [Gather, Gather, Gather];

/** Forward and the gradient of the input: as `compileGather`, but channels do not mix. */
const compileChannels = (kernel: ConvKernel, geometry: ConvGeometry, options: CompileOptions): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const { batch, axes, spatial, groups: channels } = geometry;
  const [image, filter] = kernel.inputs as readonly [KernelInput, KernelInput];
  const element = elementOf(computeType(image.dtype) as AccumulatorType, options.relaxed);
  const { bytes, lanes } = element;
  const forward = kernel.direction === "forward";
  const sizes = axes.map((axis) => (forward ? axis.input : axis.output)) as [number, number, number];
  const [ds, hs, ws] = axes.map((axis) => (forward ? [forwardGather(axis)] : gradientGathers(axis))) as [
    Gather[],
    Gather[],
    Gather[],
  ];
  const parts: Part[] = ds.flatMap((d) => hs.flatMap((h) => ws.map((w): Part => [d, h, w])));
  const tapsOf = (part: Part): number => part.reduce((n, { taps }) => n * taps.length, 1);
  const countOf = (part: Part): number => part.reduce((n, { count }) => n * count, batch);
  const results = parts.reduce((sum, part) => sum + countOf(part), 0);
  if (results === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };

  const scratch = new Area();
  const own = new Area();
  const copies: Copy[] = [];
  const source = convOperand(0, image, element, 1, true, scratch, copies);
  const weights = convOperand(1, filter, element, 0, true, scratch, copies);
  const phases: Phase[] = [...addCopies(module, options, kernel, element, copies)];

  // The filters of each part in the order of its taps: [tap][channel].
  const pixelBytes = ceilTo(channels, lanes) * bytes;
  const firstTap = parts.map((_, p) => parts.slice(0, p).reduce((sum, part) => sum + tapsOf(part), 0));
  const taps = parts.reduce((sum, part) => sum + tapsOf(part), 0);
  const packed = scratch.take(taps * pixelBytes);
  if (taps > 0) {
    addPhase(
      module,
      "pack",
      (f, args) => (unit) =>
        inTurn(f, unit, parts.map(tapsOf), (p, rest) => {
          const part = parts[p] as Part;
          const counts = part.map((gather) => gather.taps.length);
          if (counts.includes(0)) return;
          const places = new Places(args, kernel);
          const stride = (d: number): number => (weights.strides[d] as number) * bytes;
          const from = part.reduce(
            (sum, gather, d) => sum + (gather.taps[0] as number) * stride(d),
            weights.offset * bytes,
          );
          const steps = part.map((gather, d) => ((gather.taps[1] ?? 0) - (gather.taps[0] as number)) * stride(d));
          const at = f.i32(plus(places.input(1, weights.copy, from), distance(unravel(f, rest, counts), steps)));
          const to = places.scratch(plus(times(rest, pixelBytes), packed + (firstTap[p] as number) * pixelBytes));
          f.copyBytes(to, at, channels * bytes);
        }),
    );
    phases.push({ name: "pack", units: taps, cost: taps * channels * 0.3 });
  }

  const macs = parts.reduce((sum, part) => sum + countOf(part) * tapsOf(part) * channels, 0);
  const wanted = Math.max(1, Math.min(depthwiseCosts.mostUnits, Math.floor(macs / depthwiseCosts.unitWork)));
  const plans = parts.map((part) => {
    const others = batch * part[0].count;
    return cutBlocks(part, pixelBytes, {
      bytes: depthwiseCosts.unitBytes,
      sumBytes: pixelBytes,
      lines: (fit, widthBlocks) => Math.min(fit, (others * widthBlocks * part[1].count) / wanted),
    });
  });
  const patches = own.take(
    Math.max(...parts.map(([deep], p) => Math.max(1, deep.taps.length) * (plans[p]?.patches.planeBytes ?? 0))) + 16,
  );
  const sumsOffset = own.take(Math.max(...plans.map(({ lines, width }) => lines * width * pixelBytes)));
  const wide = parts.map((part) => part[2]);
  const spacing = (wide.find((gather) => gather.taps.length > 1) ?? wide[0])?.spacing ?? 1;
  const rows = addRows(module, element, channels, tileRows, {
    aRow: (wide[0]?.stride ?? 1) * pixelBytes,
    aStep: spacing * pixelBytes,
    bStep: pixelBytes,
    cRow: pixelBytes,
  });
  const copyLine = addLineCopy(module, { bytes: channels * bytes, from: source.strides[3] * bytes, to: pixelBytes });
  const finish = addEpilogue(
    module,
    options,
    kernel,
    { element, rowBytes: pixelBytes, parts: 1, partBytes: 0, rowStep: wide[0]?.step ?? 1 },
    { all: channels },
  );
  const units = parts.map(([deep], p) => {
    const { lineBlocks, widthBlocks } = plans[p] as (typeof plans)[number];
    return batch * deep.count * lineBlocks * widthBlocks;
  });
  addPhase(
    module,
    "convolve",
    (f, args, mine) => (unit) =>
      inTurn(f, unit, units, (p, rest) => {
        const part = parts[p] as Part;
        const [deep, high, wide] = part;
        const blocks = plans[p] as (typeof plans)[number];
        const { lineBytes, planeBytes } = blocks.patches;
        const places = new Places(args, kernel);
        const shape = [batch, deep.count, blocks.lineBlocks, blocks.widthBlocks];
        const [n, d0, lineBlock, widthBlock] = unravel(f, rest, shape) as [I32Like, I32Like, I32Like, I32Like];
        const block = blockAt(f, blocks, part, lineBlock, widthBlock);
        const sums = f.i32(i32.add(mine, sumsOffset));
        const line = f.local("i32");
        if (tapsOf(part) > 0) {
          const [strideN, ...strides] = source.strides.slice(0, 4).map((stride) => stride * bytes) as [
            number,
            number,
            number,
            number,
          ];
          const target = f.i32(i32.add(mine, patches));
          copyPatches(
            f,
            (...params) => f.call(copyLine, ...params),
            { at: asI32(plus(places.input(0, source.copy, source.offset * bytes), times(n, strideN))), strides, sizes },
            part,
            blocks.patches,
            block,
            d0,
            target,
          );
          const filters = f.i32(places.scratch(packed + (firstTap[p] as number) * pixelBytes));
          const c = f.i32(sums);
          f.loop(line, 0, block.lines, 1, () => {
            deep.taps.forEach((_, tap) => {
              f.call(
                rows,
                i32.add(target, tap * planeBytes),
                i32.add(filters, tap * high.taps.length * wide.taps.length * pixelBytes),
                c,
                block.width,
                i32.const(wide.taps.length),
                i32.const(tap),
                i32.const(high.taps.length),
                i32.const(high.spacing * lineBytes),
                i32.const(wide.taps.length * pixelBytes),
              );
            });
            f.increment(target, high.stride * lineBytes);
            f.set(c, i32.add(c, i32.mul(block.width, pixelBytes)));
          });
        } else f.fillBytes(sums, 0, i32.mul(i32.mul(block.lines, block.width), pixelBytes));
        const h = f.i32(plus(times(block.h0, high.step), high.start));
        const row = f.i32(plus(times(block.w0, wide.step), wide.start));
        const rowEnd = f.i32(i32.add(row, i32.mul(block.width, wide.step)));
        f.loop(line, 0, block.lines, 1, () => {
          const d = plus(times(d0, deep.step), deep.start);
          finish(f, args, sums, { from: row, to: rowEnd }, { from: 0, to: channels }, [
            n,
            ...[d, h].slice(3 - spatial),
          ]);
          f.set(sums, i32.add(sums, i32.mul(block.width, pixelBytes)));
          f.increment(h, high.step);
        });
      }),
  );
  phases.push({
    name: "convolve",
    units: units.reduce((sum, count) => sum + count, 0),
    cost: macs * depthwiseCosts.multiply + results * channels * depthwiseCosts.store,
  });
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};

/** Convolutions in which every channel has a filter of its own, with the lanes of a vector along the channels. */
export const compileDepthwise = (kernel: ConvKernel, options: CompileOptions): CompiledKernel => {
  const geometry = convGeometry(kernel);
  return kernel.direction === "weightGradient"
    ? compileDepthwiseGradient(kernel, geometry, options)
    : compileChannels(kernel, geometry, options);
};
