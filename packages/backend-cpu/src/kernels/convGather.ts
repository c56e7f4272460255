import { type ConvKernel, computeType, type KernelInput } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { convGeometry, forwardGather, type Gather, gradientGathers } from "./convGeometry.ts";
import { addLines } from "./convLines.ts";
import { convOperand } from "./convOperands.ts";
import { addLineCopy, blockAt, copyPatches, cutBlocks } from "./convPatches.ts";
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
  const sumBytes = ceilTo(columns, lanes) * bytes;
  const plans = parts.map((part) => {
    const others = batch * groups * part[0].count;
    const blocks = cutBlocks(part, channels * bytes, {
      bytes: unitBytes,
      sumBytes,
      lines: (fit, widthBlocks) =>
        others * widthBlocks * Math.ceil(part[1].count / fit) < wanted
          ? (others * widthBlocks * part[1].count) / wanted
          : fit,
    });
    const units = others * blocks.lineBlocks * blocks.widthBlocks;
    const columnBlocks = Math.max(1, Math.min(panels, Math.floor(wanted / units)));
    const panelsPerUnit = Math.ceil(panels / columnBlocks);
    return { part, blocks, panelsPerUnit, columnBlocks: Math.ceil(panels / panelsPerUnit) };
  });
  const cRow = Math.max(
    ...plans.map(({ panelsPerUnit }) => Math.min(ceilTo(columns, lanes) * bytes, panelsPerUnit * panelVectors * 16)),
  );
  const patches = own.take(
    Math.max(...plans.map(({ part, blocks }) => Math.max(1, part[0].taps.length) * blocks.patches.planeBytes)) + 16,
  );
  const sumsOffset = own.take(Math.max(...plans.map(({ blocks }) => blocks.lines * blocks.width * cRow)));
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
    const { blocks } = plan;
    const elements = {
      pixel: channels,
      line: blocks.patches.lineBytes / bytes,
      depth: blocks.patches.planeBytes / bytes,
    };
    const empty = plan.part.some(({ taps }) => taps.length === 0);
    const stretches = empty ? [] : stretchesOf(plan.part, channels, elements);
    return module.add(undefined, ["i32", "i32", "i32"], [], (f, args, unit, mine) => {
      const places = new Places(args, kernel);
      const shape = [batch, groups, plan.columnBlocks, deep.count, blocks.lineBlocks, blocks.widthBlocks];
      const [n, group, columnBlock, d0, lineBlock, widthBlock] = unravel(f, unit, shape) as Six;
      const block = blockAt(f, blocks, plan.part, lineBlock, widthBlock);
      const sums = f.i32(i32.add(mine, sumsOffset));
      if (!empty) {
        const [strideN, ...strides] = source.strides.slice(0, 4).map((stride) => stride * bytes) as [
          number,
          number,
          number,
          number,
        ];
        const at = plus(
          places.input(0, source.copy, source.offset * bytes),
          distance([n, group], [strideN, channels * bytes]),
        );
        copyPatches(
          f,
          (...params) => f.call(copyLine, ...params),
          { at: asI32(at), strides, sizes },
          plan.part,
          blocks.patches,
          block,
          d0,
          f.i32(i32.add(mine, patches)),
        );
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
              block.lines,
              block.width,
              i32.const(high.stride * blocks.patches.lineBytes),
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
      } else f.fillBytes(sums, 0, i32.mul(i32.mul(block.lines, block.width), cRow));
      const from = f.i32(plus(times(group, columns), times(columnBlock, plan.panelsPerUnit * width)));
      const to = least(f, i32.add(from, plan.panelsPerUnit * width), i32.mul(plus(asI32(group), 1) as I32, columns));
      const h = f.i32(plus(times(block.h0, high.step), high.start));
      const hEnd = f.i32(i32.add(h, i32.mul(block.lines, high.step)));
      const row = f.i32(plus(times(block.w0, wide.step), wide.start));
      const rows = { from: row, to: f.i32(i32.add(row, i32.mul(block.width, wide.step))) };
      f.while(
        () => i32.ltS(h, hEnd),
        () => {
          const d = plus(times(d0, deep.step), deep.start);
          finish(f, args, sums, rows, { from, to }, [n, ...[d, h].slice(3 - spatial)]);
          f.set(sums, i32.add(sums, i32.mul(block.width, cRow)));
          f.increment(h, high.step);
        },
      );
    });
  });
  const units = plans.map(
    (plan) =>
      batch * groups * plan.columnBlocks * plan.part[0].count * plan.blocks.lineBlocks * plan.blocks.widthBlocks,
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
