import { type ConvKernel, computeType, type KernelInput } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { type ConvGeometry, convGeometry, forwardGather, type Gather, gradientGathers } from "./convGeometry.ts";
import { convOperand } from "./convOperands.ts";
import { addLineCopy, blockAt, copyPatches, cutBlocks } from "./convPatches.ts";
import { addPhase, unravel } from "./loops.ts";
import { addCopies, type Copy } from "./matmulCopy.ts";
import { type AccumulatorType, type Element, elementOf } from "./matmulElement.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { addTile } from "./matmulTile.ts";
import { Area, ceilTo, distance, inTurn, least, Places, ravel } from "./matmulUnits.ts";

const multiplyCost = 0.1;
const storeCost = 0.5;
const unitBytes = 96 << 10;
const unitWork = 1 << 18;
const mostUnits = 64;
/** Pixels, or taps, that a tile does at once. */
const tileRows = 6;

/** Whether every channel is convolved with a filter of its own. */
export const isDepthwise = ({ groups, inner, outer }: ConvGeometry): boolean =>
  groups > 1 && inner === 1 && outer === 1;

type Part = readonly [Gather, Gather, Gather];

/** Distances in bytes. */
interface RowsLayout {
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly cRow: number;
}

/**
 * Adds a function `(a, b, c, rows, k, accumulate, runs, aRun, bRun)`: sums of products channel by channel, for all vectors of channels of
 * `rows` rows.
 */
const addRows = (
  module: ModuleBuilder,
  element: Element,
  channels: number,
  size: number,
  layout: RowsLayout,
): FunctionBuilder => {
  const add = (rows: number): FunctionBuilder =>
    addTile(module, element, { rows, vectors: 1 }, { ...layout, lanewise: true }, true);
  const several = add(size);
  const single = add(1);
  return module.add(undefined, Array<"i32">(9).fill("i32"), [], (f, ...params) => {
    const [a, b, c, rows, k, accumulate, runs, aRun, bRun] = params as I[] as [I, I, I, I, I, I, I, I, I];
    const offset = f.local("i32");
    const walk = (callee: FunctionBuilder, count: number): void =>
      f.while(
        () => i32.geS(rows, count),
        () => {
          f.loop(offset, 0, ceilTo(channels, element.lanes) * element.bytes, 16, () =>
            f.call(callee, i32.add(a, offset), i32.add(b, offset), i32.add(c, offset), k, accumulate, runs, aRun, bRun),
          );
          f.increment(a, count * layout.aRow);
          f.increment(c, count * layout.cRow);
          f.increment(rows, -count);
        },
      );
    walk(several, size);
    walk(single, 1);
  });
};

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
  const wanted = Math.max(1, Math.min(mostUnits, Math.floor(macs / unitWork)));
  const plans = parts.map((part) => {
    const others = batch * part[0].count;
    return cutBlocks(part, pixelBytes, {
      bytes: unitBytes,
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
    cost: macs * multiplyCost + results * channels * storeCost,
  });
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};

/** The gradient of the filter: every tap sums up products over all pixels, in parts that are added up at the end. */
const compileFilter = (kernel: ConvKernel, geometry: ConvGeometry, options: CompileOptions): CompiledKernel => {
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
  const blocks = cutBlocks(part, pixelBytes, { bytes: unitBytes, sumBytes: 0, lines: (fit) => fit });
  const steps = batch * deep.output * blocks.lineBlocks * blocks.widthBlocks;
  const macs = batch * deep.output * high.output * wide.output * taps * channels;
  const wanted = Math.max(1, Math.min(mostUnits, Math.floor(macs / unitWork)));
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
  phases.push({ name: "multiply", units: parts, cost: macs * multiplyCost });
  addPhase(module, "sum", (f, args) => (unit) => {
    const tap = unravel(f, unit, window);
    const sums: I32 = new Places(args, kernel).scratch(plus(times(ravel(tap, window), pixelBytes), sumsOffset));
    finish(f, args, sums, { from: 0, to: 1 }, { from: 0, to: channels }, tap.slice(3 - spatial));
  });
  phases.push({ name: "sum", units: taps, cost: taps * channels * parts * storeCost });
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};

/** Convolutions in which every channel has a filter of its own, with the lanes of a vector along the channels. */
export const compileDepthwise = (kernel: ConvKernel, options: CompileOptions): CompiledKernel => {
  const geometry = convGeometry(kernel);
  return kernel.direction === "weightGradient"
    ? compileFilter(kernel, geometry, options)
    : compileChannels(kernel, geometry, options);
};

type I = Local<"i32">;
