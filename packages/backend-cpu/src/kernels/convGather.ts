import { type ConvKernel, computeType, type KernelInput } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { convGeometry, forwardGather, type Gather, gradientGathers } from "./convGeometry.ts";
import { addLineCopy, addLines } from "./convLines.ts";
import { convOperand } from "./convOperands.ts";
import { addPhase, unravel } from "./loops.ts";
import { panelVectors } from "./matmulBlock.ts";
import { addCopies, type Copy } from "./matmulCopy.ts";
import { type AccumulatorType, elementOf } from "./matmulElement.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { addPack } from "./matmulPack.ts";
import { Area, ceilTo, distance, inTurn, least, Places, ravel } from "./matmulUnits.ts";

const multiplyCost = { float32: 0.05, float64: 0.1, int32: 0.06 } as const;
const packCost = 0.3;
const storeCost = 0.5;
/** Steps of k in one go over the pixels, so that their filters stay in the first-level cache. */
const mostDepth = 320;
/** Bytes of patches and sums that a unit works on, and multiply-adds that are worth a unit. */
const unitBytes = 160 << 10;
const unitWork = 1 << 20;
const mostUnits = 64;

/** Results of one remainder in each dimension, which gather from the same taps. */
type Part = readonly [Gather, Gather, Gather];

/** A stretch of k: `runs` times `depth` steps, at these elements of the patches and of the filters. */
interface Stretch {
  readonly a: number;
  readonly b: number;
  readonly depth: number;
  readonly runs: number;
  readonly aRun: number;
  readonly bRun: number;
}

/** Elements from tap to tap in the patches: [depth][line][pixel][channel]. */
interface PatchSteps {
  readonly depth: number;
  readonly line: number;
  readonly pixel: number;
}

/** Cuts k (taps, then channels) into stretches that read patches in runs as long as possible. */
const stretchesOf = (part: Part, channels: number, steps: PatchSteps): Stretch[] => {
  const [deep, high, wide] = part.map(({ taps }) => taps.length) as [number, number, number];
  const [, lines, pixels] = part;
  const stretches: Stretch[] = [];
  const aLine = lines.spacing * steps.line;
  const aPixel = pixels.spacing * steps.pixel;
  const row = wide * channels;
  for (let d = 0; d < deep; d++) {
    const a = d * steps.depth;
    const b = d * high * row;
    // Neighbouring taps read neighbouring pixels: a line of taps is one run.
    if (row <= mostDepth && (aPixel === channels || wide === 1)) {
      const most = Math.max(1, Math.floor(mostDepth / row));
      const size = Math.ceil(high / Math.ceil(high / most));
      for (let h = 0; h < high; h += size) {
        const runs = Math.min(size, high - h);
        stretches.push({ a: a + h * aLine, b: b + h * row, depth: row, runs, aRun: aLine, bRun: row });
      }
      continue;
    }
    for (let h = 0; h < high; h++) {
      if (row <= mostDepth) {
        const at = { a: a + h * aLine, b: b + h * row };
        stretches.push({ ...at, depth: channels, runs: wide, aRun: aPixel, bRun: channels });
        continue;
      }
      for (let w = 0; w < wide; w++) {
        const pieces = Math.ceil(channels / mostDepth);
        const size = Math.ceil(channels / pieces);
        for (let c = 0; c < channels; c += size) {
          const at = { a: a + h * aLine + w * aPixel + c, b: b + h * row + w * channels + c };
          stretches.push({ ...at, depth: Math.min(size, channels - c), runs: 1, aRun: 0, bRun: 0 });
        }
      }
    }
  }
  return stretches;
};

/**
 * Convolutions whose results gather from an image: forward, and the gradient of the input as a convolution of dy with the filter turned
 * round. A unit copies the lines it needs, padded with zeros, into its thread's memory, multiplies patches out of them with packed
 * filters, and runs the epilogue on the sums.
 */
export const compileGather = (kernel: ConvKernel, options: CompileOptions): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const geometry = convGeometry(kernel);
  const { batch, axes, spatial, groups } = geometry;
  const [image, filter] = kernel.inputs as readonly [KernelInput, KernelInput];
  const element = elementOf(computeType(image.dtype) as AccumulatorType, options.relaxed);
  const { bytes, lanes } = element;
  const forward = kernel.direction === "forward";
  const channels = forward ? geometry.inner : geometry.outer;
  const columns = forward ? geometry.outer : geometry.inner;
  const sizes = axes.map((axis) => (forward ? axis.input : axis.output)) as [number, number, number];
  const lists = axes.map((axis) => (forward ? [forwardGather(axis)] : gradientGathers(axis))) as [
    Gather[],
    Gather[],
    Gather[],
  ];
  const parts: Part[] = lists[0].flatMap((d) => lists[1].flatMap((h) => lists[2].map((w): Part => [d, h, w])));
  const results = parts.reduce((sum, part) => sum + batch * part.reduce((n, { count }) => n * count, 1), 0);
  if (results * columns * groups === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };

  const scratch = new Area();
  const own = new Area();
  const copies: Copy[] = [];
  const source = convOperand(0, image, element, 1, true, scratch, copies);
  const weights = convOperand(1, filter, element, 0, false, scratch, copies);
  const phases: Phase[] = [...addCopies(module, options, kernel, element, copies)];

  // Filters in panels: [part][group][panel][tap][channel][column].
  const width = panelVectors * lanes;
  const panels = Math.ceil(columns / width);
  const restColumns = columns % width;
  const tapsOf = (part: Part): number => part.reduce((n, { taps }) => n * taps.length, 1);
  const tapBytes = channels * panelVectors * 16;
  const panelBytes = Math.max(...parts.map(tapsOf)) * tapBytes;
  const packed = scratch.take(parts.length * groups * panels * panelBytes);
  const [, , , innerStride, outerStride] = weights.strides;
  const pack = addPack(module, element, {
    width,
    across: (forward ? outerStride : innerStride) * bytes,
    along: (forward ? innerStride : outerStride) * bytes,
    panelBytes,
    rest: restColumns,
    restVectors: panelVectors,
  });
  const panelAt = (places: Places, part: number, group: I32Like, panel: I32Like): I32 =>
    places.scratch(plus(times(plus(times(plus(group, part * groups), panels), panel), panelBytes), packed));
  const packUnits = parts.map((part) => groups * tapsOf(part));
  if (packUnits.some((count) => count > 0)) {
    addPhase(
      module,
      "pack",
      (f, args) => (unit) =>
        inTurn(f, unit, packUnits, (p, rest) => {
          const part = parts[p] as Part;
          const places = new Places(args, kernel);
          const counts = part.map(({ taps }) => taps.length);
          if (counts.includes(0)) return;
          const [group, ...tap] = unravel(f, rest, [groups, ...counts]) as [I32Like, I32Like, I32Like, I32Like];
          // Taps are equally spaced in the filter too.
          const from = part.map(({ taps }, d) => (taps[0] as number) * (weights.strides[d] as number));
          const steps = part.map(
            ({ taps }, d) => ((taps[1] ?? 0) - (taps[0] as number)) * (weights.strides[d] as number),
          );
          const start = (weights.offset + from.reduce((sum, n) => sum + n, 0)) * bytes;
          const index = ravel(tap, counts);
          f.call(
            pack,
            asI32(
              plus(
                places.input(1, weights.copy, start),
                times(plus(distance(tap, steps), times(group, geometry.outer * outerStride)), bytes),
              ),
            ),
            asI32(plus(panelAt(places, p, group, 0), times(index, tapBytes))),
            i32.const(restColumns > 0 ? panels - 1 : panels),
            i32.const(restColumns > 0 ? 1 : 0),
            i32.const(channels),
          );
        }),
    );
    phases.push({
      name: "pack",
      units: packUnits.reduce((sum, count) => sum + count, 0),
      cost: packCost * packUnits.reduce((sum, count) => sum + count * channels * columns, 0),
    });
  }

  // How much of the result a unit makes: lines of one image, all columns unless there would be too few units.
  const macs = parts.reduce(
    (sum, part) =>
      sum + batch * groups * columns * channels * tapsOf(part) * part.reduce((n, { count }) => n * count, 1),
    0,
  );
  const wanted = Math.max(1, Math.min(mostUnits, Math.floor(macs / unitWork)));
  const plans = parts.map((part) => {
    const [deep, high, wide] = part;
    const span = ({ taps, spacing }: Gather): number => Math.max(0, taps.length - 1) * spacing + 1;
    const even = (n: number, most: number): number => Math.ceil(n / Math.ceil(n / Math.max(1, most)));
    const planes = Math.max(1, deep.taps.length);
    const pixelBytes = wide.stride * channels * bytes * planes;
    const width = even(
      wide.count,
      Math.max(16, Math.floor(unitBytes / (span(high) * pixelBytes + ceilTo(columns, lanes) * bytes))),
    );
    const pixels = (width - 1) * wide.stride + span(wide);
    const lineBytes = pixels * channels * bytes * planes;
    const sumBytes = width * (ceilTo(columns, lanes) * bytes);
    const fit = Math.floor((unitBytes - span(high) * lineBytes) / (high.stride * lineBytes + sumBytes));
    let lines = even(high.count, Math.min(high.count, fit));
    const widths = Math.ceil(wide.count / width);
    const others = batch * groups * deep.count * widths;
    if (others * Math.ceil(high.count / lines) < wanted) lines = even(high.count, (others * high.count) / wanted);
    const blocks = Math.ceil(high.count / lines);
    const columnBlocks = Math.max(1, Math.min(panels, Math.floor(wanted / (others * blocks))));
    const panelsPerUnit = Math.ceil(panels / columnBlocks);
    return {
      part,
      span,
      pixels,
      width,
      widths,
      lines,
      blocks,
      panelsPerUnit,
      columnBlocks: Math.ceil(panels / panelsPerUnit),
    };
  });
  const cRow = Math.max(
    ...plans.map(({ panelsPerUnit }) => Math.min(ceilTo(columns, lanes) * bytes, panelsPerUnit * panelVectors * 16)),
  );
  const lineSets = plans.map(({ part: [, high], lines, span }) => (lines - 1) * high.stride + span(high));
  const patchBytes = plans.map(
    ({ part: [deep], pixels }, p) =>
      Math.max(1, deep.taps.length) * (lineSets[p] as number) * pixels * channels * bytes,
  );
  const patches = own.take(Math.max(...patchBytes) + 16);
  const sumsOffset = own.take(Math.max(...plans.map(({ width, lines }) => lines * width * cRow)));
  const aRow = (parts[0] as Part)[2].stride * channels * bytes;
  const lines = addLines(module, element, { aRow, aStep: bytes, cRow, restVectors: Math.ceil(restColumns / lanes) });
  const finish = addEpilogue(
    module,
    options,
    kernel,
    { element, rowBytes: cRow, parts: 1, partBytes: 0, rowStep: (parts[0] as Part)[2].step },
    groups === 1 && plans.every(({ columnBlocks }) => columnBlocks === 1)
      ? { all: columns }
      : { multiple: columns % width === 0 ? width : columns % lanes === 0 ? lanes : 1 },
  );
  const pixelBytes = channels * bytes;
  const copyLine = addLineCopy(module, { bytes: pixelBytes, from: source.strides[3] * bytes, to: pixelBytes });
  const runners = plans.map((plan, p) => {
    const [deep, high, wide] = plan.part;
    const [sizeD, sizeH, sizeW] = sizes;
    const [strideN, strideD, strideH, strideW] = source.strides;
    const steps = {
      pixel: channels,
      line: plan.pixels * channels,
      depth: (lineSets[p] as number) * plan.pixels * channels,
    };
    const stretches = plan.part.some(({ taps }) => taps.length === 0) ? [] : stretchesOf(plan.part, channels, steps);
    return module.add(undefined, ["i32", "i32", "i32"], [], (f, args, unit, mine) => {
      const places = new Places(args, kernel);
      const position = unravel(f, unit, [batch, groups, plan.columnBlocks, deep.count, plan.blocks, plan.widths]);
      const [n, group, columnBlock, d0, block, widthBlock] = position as Six;
      const h0 = f.i32(times(block, plan.lines));
      const count = f.i32(i32.sub(least(f, i32.add(h0, plan.lines), high.count), h0));
      const w0 = f.i32(times(widthBlock, plan.width));
      const across = f.i32(i32.sub(least(f, i32.add(w0, plan.width), wide.count), w0));
      const sums = f.i32(i32.add(mine, sumsOffset));
      if (stretches.length > 0) {
        // The lines that the taps reach, those outside of the image as zeros.
        const left = f.i32(plus(times(w0, wide.stride), wide.offset));
        const before = least(f, f.i32(select(i32.ltS(left, 0), i32.sub(0, left), i32.const(0))), plan.pixels);
        const present = f.i32(i32.sub(least(f, i32.sub(sizeW, left), plan.pixels), before));
        f.if(i32.ltS(present, 0), () => f.set(present, i32.const(0)));
        const after = f.i32(i32.sub(i32.sub(plan.pixels, before), present));
        const pixel = distance([n, group, i32.add(left, before)], [strideN, channels, strideW]);
        const start = f.i32(plus(places.input(0, source.copy, source.offset * bytes), times(pixel, bytes)));
        const target = f.i32(i32.add(mine, patches));
        const first = f.i32(plus(times(h0, high.stride), high.offset));
        const end = f.i32(plus(first, plus(times(i32.sub(count, 1), high.stride), plan.span(high))));
        const line = f.local("i32");
        deep.taps.forEach((_, tap) => {
          const d = f.i32(plus(times(d0, deep.stride), deep.offset + tap * deep.spacing));
          const inside = f.i32(i32.ltU(d, sizeD));
          const plane = f.i32(plus(start, times(d, strideD * bytes)));
          // A block that ends early leaves room for the lines it does not have.
          f.set(target, i32.add(mine, patches + tap * steps.depth * bytes));
          f.loop(line, first, end, 1, () => {
            const zeros = i32.const(0);
            f.if(
              i32.and(inside, i32.ltU(line, sizeH)),
              () => f.call(copyLine, target, i32.add(plane, i32.mul(line, strideH * bytes)), before, present, after),
              () => f.call(copyLine, target, plane, i32.const(plan.pixels), zeros, zeros),
            );
            f.increment(target, steps.line * bytes);
          });
        });
        const firstPanel = f.i32(times(columnBlock, plan.panelsPerUnit));
        const lastPanel = least(f, i32.add(firstPanel, plan.panelsPerUnit), panels);
        const whole = restColumns > 0 ? least(f, lastPanel, panels - 1) : lastPanel;
        const panel = f.local("i32");
        const multiply = (callee: typeof lines.full): void => {
          const b = f.i32(panelAt(places, p, group, panel));
          const c = f.i32(i32.add(sums, i32.mul(i32.sub(panel, firstPanel), panelVectors * 16)));
          stretches.forEach(({ a, b: bAt, depth, runs, aRun, bRun }, i) => {
            f.call(
              callee,
              i32.add(mine, patches + a * bytes),
              i32.add(b, bAt * panelVectors * 16),
              c,
              count,
              across,
              i32.const(high.stride * steps.line * bytes),
              i32.const(depth),
              i32.const(runs),
              i32.const(aRun * bytes),
              i32.const(bRun * panelVectors * 16),
              i32.const(i === 0 ? 0 : 1),
            );
          });
        };
        f.loop(panel, firstPanel, whole, 1, () => multiply(lines.full));
        if (restColumns > 0) {
          f.if(i32.gtS(lastPanel, whole), () => {
            f.set(panel, i32.const(panels - 1));
            multiply(lines.last);
          });
        }
      } else f.fillBytes(sums, 0, i32.mul(count, plan.width * cRow));
      const from = f.i32(plus(times(group, columns), times(columnBlock, plan.panelsPerUnit * width)));
      const to = least(f, i32.add(from, plan.panelsPerUnit * width), i32.mul(plus(asI32(group), 1) as I32, columns));
      const h = f.i32(plus(times(h0, high.step), high.start));
      const hEnd = f.i32(i32.add(h, i32.mul(count, high.step)));
      const row = f.i32(plus(times(w0, wide.step), wide.start));
      const rows = { from: row, to: f.i32(i32.add(row, i32.mul(across, wide.step))) };
      f.while(
        () => i32.ltS(h, hEnd),
        () => {
          const d = plus(times(d0, deep.step), deep.start);
          finish(f, args, sums, rows, { from, to }, [n, ...[d, h].slice(3 - spatial)]);
          f.set(sums, i32.add(sums, i32.mul(across, cRow)));
          f.increment(h, high.step);
        },
      );
    });
  });
  const units = plans.map(
    (plan) => batch * groups * plan.columnBlocks * plan.part[0].count * plan.blocks * plan.widths,
  );
  addPhase(
    module,
    "convolve",
    (f, args, mine) => (unit) =>
      inTurn(f, unit, units, (p, rest) => f.call(runners[p] as (typeof runners)[number], args, rest, mine)),
  );
  phases.push({
    name: "convolve",
    units: units.reduce((sum, count) => sum + count, 0),
    cost: macs * multiplyCost[element.type] + results * groups * columns * storeCost,
  });
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};

type Six = [I32Like, I32Like, I32Like, I32Like, I32Like, I32Like];
