import { type ConvKernel, computeType, type KernelInput } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, Phase } from "../compiled.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { asI32, type I32Like } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import { convGeometry, forwardGather, type Gather } from "./convGeometry.ts";
import { addLines } from "./convLines.ts";
import { convOperand } from "./convOperands.ts";
import { addLineCopy, blockAt, copyPatches, cutBlocks, even } from "./convPatches.ts";
import { addPhase, unravel } from "./loops.ts";
import { panelVectors } from "./matmulBlock.ts";
import { addCopies, type Copy } from "./matmulCopy.ts";
import { type AccumulatorType, elementOf } from "./matmulElement.ts";
import { addEpilogue } from "./matmulEpilogue.ts";
import { addPack } from "./matmulPack.ts";
import { Area, ceilTo, distance, least, Places, ravel } from "./matmulUnits.ts";

const multiplyCost = { float32: 0.05, float64: 0.1, int32: 0.06 } as const;
const storeCost = 0.5;
/** Pixels of dy in one go, so that their panels stay in the first-level cache. */
const mostPixels = 160;
/** Channels of x that lie side by side in the patches: what a cache line holds. */
const blockBytes = 64;
/** Bytes of sums that a unit works on. */
const unitSums = 192 << 10;
const unitWork = 1 << 20;
const mostUnits = 64;
/** Bytes of partial sums. */
const mostPartial = 64 << 20;

/**
 * The gradient of the filter: a product of patches of x, transposed, with dy, summed over all pixels. A unit takes some of the channels
 * and one part of the pixels, block of lines by block of lines; the parts are added up in order at the end.
 */
export const compileWeightGradient = (kernel: ConvKernel, options: CompileOptions): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const { batch, axes, spatial, groups, inner, outer } = convGeometry(kernel);
  const [image, result] = kernel.inputs as readonly [KernelInput, KernelInput];
  const element = elementOf(computeType(image.dtype) as AccumulatorType, options.relaxed);
  const { bytes, lanes } = element;
  const [deep, high, wide] = axes;
  const taps = deep.window * high.window * wide.window;
  if (groups * taps * inner * outer === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };

  const scratch = new Area();
  const own = new Area();
  const copies: Copy[] = [];
  const x = convOperand(0, image, element, 1, true, scratch, copies);
  const dy = convOperand(1, result, element, 1, false, scratch, copies);
  const phases: Phase[] = [...addCopies(module, options, kernel, element, copies)];

  // Channels of x lie in blocks: [block][depth tap][line][pixel][channel].
  const panelWidth = panelVectors * lanes;
  const side = Math.min(inner, blockBytes / bytes);
  const blocks = Math.ceil(inner / side);
  const pixelBytes = side * bytes;
  // A block of pixels: lines, or parts of one line.
  const gathers: readonly [Gather, Gather, Gather] = [forwardGather(deep), forwardGather(high), forwardGather(wide)];
  const width = even(wide.output, mostPixels);
  const cut = cutBlocks(gathers, pixelBytes, {
    bytes: Number.POSITIVE_INFINITY,
    sumBytes: 0,
    width,
    lines: () => Math.floor(mostPixels / Math.max(1, width)),
  });
  const { lines, patches: layout } = cut;
  const { lineBytes, planeBytes } = layout;
  const steps = batch * deep.output * cut.lineBlocks * cut.widthBlocks;
  const blockStride = planeBytes * deep.window;

  // A unit's channels: of y whole panels, of x whole blocks.
  const panels = Math.ceil(outer / panelWidth);
  const panelsPerUnit = even(panels, 4);
  const panelBlocks = Math.ceil(panels / panelsPerUnit);
  const rowBytes = Math.min(outer, panelsPerUnit * panelWidth) * bytes;
  const blocksPerUnit = even(blocks, Math.floor(unitSums / (taps * side * rowBytes)));
  const channelBlocks = Math.ceil(blocks / blocksPerUnit);
  const macs = batch * deep.output * high.output * wide.output * groups * taps * inner * outer;
  const wanted = Math.max(1, Math.min(mostUnits, Math.floor(macs / unitWork)));
  const cRow = ceilTo(outer, lanes) * bytes;
  const partBytes = groups * taps * inner * cRow;
  const tiles = groups * channelBlocks * panelBlocks;
  const splits = Math.max(1, Math.min(steps, Math.ceil(wanted / tiles), Math.floor(mostPartial / partBytes)));
  const sumsOffset = scratch.take(splits * partBytes + 64);

  const restColumns = outer % panelWidth;
  const patches = own.take(blocksPerUnit * blockStride + 16);
  const panelBytes = lines * width * panelVectors * 16;
  const packed = own.take(panelsPerUnit * panelBytes);
  const [xN, xD, xH, xW] = x.strides;
  const [dyN, dyD, dyH, dyW, dyC] = dy.strides;
  const restSide = inner % side;
  const copyBlock = addLineCopy(module, { bytes: pixelBytes, from: xW * bytes, to: pixelBytes });
  const copyRest =
    restSide > 0 ? addLineCopy(module, { bytes: restSide * bytes, from: xW * bytes, to: pixelBytes }) : copyBlock;
  const pack = addPack(module, element, {
    width: panelWidth,
    across: dyC * bytes,
    along: dyW * bytes,
    panelBytes,
    rest: restColumns,
    restVectors: panelVectors,
  });
  const multiply = addLines(module, element, {
    aRow: bytes,
    aStep: wide.stride * pixelBytes,
    cRow,
    restVectors: Math.ceil(restColumns / lanes),
  });
  const finish = addEpilogue(
    module,
    options,
    kernel,
    { element, rowBytes: cRow, parts: splits, partBytes },
    groups === 1 ? { all: outer } : { multiple: outer % lanes === 0 ? lanes : 1 },
  );

  addPhase(module, "multiply", (f, args, mine) => (unit) => {
    const places = new Places(args, kernel);
    const position = unravel(f, unit, [splits, groups, channelBlocks, panelBlocks]);
    const [part, group, channelBlock, panelBlock] = position as [I32Like, I32Like, I32Like, I32Like];
    const firstBlock = f.i32(times(channelBlock, blocksPerUnit));
    const lastBlock = least(f, i32.add(firstBlock, blocksPerUnit), blocks);
    const firstPanel = f.i32(times(panelBlock, panelsPerUnit));
    const lastPanel = least(f, i32.add(firstPanel, panelsPerUnit), panels);
    const wholePanels = restColumns > 0 ? least(f, lastPanel, panels - 1) : lastPanel;
    const sums = f.i32(
      places.scratch(
        plus(
          plus(times(part, partBytes), times(group, taps * inner * cRow)),
          plus(times(firstPanel, panelVectors * 16), sumsOffset),
        ),
      ),
    );
    const xAt = f.i32(
      plus(places.input(0, x.copy, x.offset * bytes), times(plus(times(group, inner), times(firstBlock, side)), bytes)),
    );
    const dyAt = f.i32(
      plus(
        places.input(1, dy.copy, dy.offset * bytes),
        times(plus(times(group, outer), times(firstPanel, panelWidth)), dyC * bytes),
      ),
    );
    const perPart = Math.ceil(steps / splits);
    const start = f.i32(times(part, perPart));
    const end = least(f, i32.add(start, perPart), steps);
    if (steps === 0) {
      f.fillBytes(f.i32(places.scratch(sumsOffset)), 0, partBytes);
      return;
    }
    // A part without pixels, where they do not divide evenly.
    f.if(i32.geS(start, end), () => {
      const row = f.local("i32");
      const at = f.i32(i32.add(sums, i32.mul(firstBlock, side * cRow)));
      f.loop(row, 0, taps * inner, 1, () => {
        f.fillBytes(at, 0, rowBytes);
        f.increment(at, cRow);
      });
    });
    const step = f.local("i32");
    const block = f.local("i32");
    const line = f.local("i32");
    f.loop(step, start, end, 1, () => {
      const at = unravel(f, step, [batch, deep.output, cut.lineBlocks, cut.widthBlocks]);
      const [n, d0, lineBlock, widthBlock] = at as [I32Like, I32Like, I32Like, I32Like];
      const here = blockAt(f, cut, gathers, lineBlock, widthBlock);

      const target = f.local("i32");
      f.set(target, i32.add(mine, packed));
      const source = f.i32(plus(dyAt, times(distance([n, d0, here.h0, here.w0], [dyN, dyD, dyH, dyW]), bytes)));
      f.loop(line, 0, here.lines, 1, () => {
        const whole = i32.sub(wholePanels, firstPanel);
        f.call(pack, source, target, whole, i32.gtS(lastPanel, wholePanels), here.width);
        f.increment(source, dyH * bytes);
        f.set(target, i32.add(target, i32.mul(here.width, panelVectors * 16)));
      });
      f.loop(block, firstBlock, lastBlock, 1, () => {
        const index = f.i32(i32.sub(block, firstBlock));
        copyPatches(
          f,
          (...params) => {
            const values = params.map((value) => f.i32(value));
            if (restSide === 0) f.call(copyBlock, ...values);
            else {
              f.if(
                i32.eq(block, blocks - 1),
                () => f.call(copyRest, ...values),
                () => f.call(copyBlock, ...values),
              );
            }
          },
          {
            at: asI32(plus(xAt, times(plus(times(n, xN), times(index, side)), bytes))),
            strides: [xD * bytes, xH * bytes, xW * bytes],
            sizes: [deep.input, high.input, wide.input],
          },
          gathers,
          layout,
          here,
          d0,
          f.i32(i32.add(i32.add(mine, patches), i32.mul(index, blockStride))),
        );
      });

      // Rows of sums: taps, then channels. With one block, neighbouring taps of a line are neighbouring rows of the patches too.
      const joined = blocks === 1 && (wide.dilation === 1 || wide.window === 1);
      const runs = joined ? 1 : wide.window;
      const tap = f.local("i32");
      const panel = f.local("i32");
      const panelLoop = (callee: typeof multiply.full): void => {
        const b = f.i32(plus(plus(mine, packed), times(i32.sub(panel, firstPanel), panelBytes)));
        const c = f.i32(plus(sums, times(i32.sub(panel, firstPanel), panelVectors * 16)));
        f.loop(block, firstBlock, lastBlock, 1, () => {
          const rows = joined
            ? wide.window * inner
            : restSide === 0
              ? side
              : f.i32(select(i32.eq(block, blocks - 1), i32.const(restSide), i32.const(side)));
          const a = f.i32(plus(plus(mine, patches), times(i32.sub(block, firstBlock), blockStride)));
          f.loop(tap, 0, deep.window * high.window * runs, 1, () => {
            const [kd, kh, kw] = unravel(f, tap, [deep.window, high.window, runs]) as [I32Like, I32Like, I32Like];
            const offset = distance([kd, kh, kw], [planeBytes, high.dilation * lineBytes, wide.dilation * pixelBytes]);
            const row = plus(times(tap, joined ? wide.window * inner : inner), times(block, side));
            f.call(
              callee,
              asI32(plus(a, offset)),
              b,
              asI32(plus(c, times(row, cRow))),
              i32.const(1),
              asI32(rows),
              i32.const(0),
              here.width,
              here.lines,
              i32.const(high.stride * lineBytes),
              i32.mul(here.width, panelVectors * 16),
              i32.gtS(step, start),
            );
          });
        });
      };
      f.loop(panel, firstPanel, wholePanels, 1, () => panelLoop(multiply.full));
      if (restColumns > 0) {
        f.if(i32.gtS(lastPanel, wholePanels), () => {
          f.set(panel, i32.const(panels - 1));
          panelLoop(multiply.last);
        });
      }
    });
  });
  phases.push({
    name: "multiply",
    units: splits * groups * channelBlocks * panelBlocks,
    cost: macs * multiplyCost[element.type],
  });

  const window = [deep.window, high.window, wide.window] as const;
  const rowsPerUnit = even(inner, Math.ceil(8192 / (outer * splits)));
  const rowUnits = Math.ceil(inner / rowsPerUnit);
  addPhase(module, "sum", (f, args) => (unit) => {
    const places = new Places(args, kernel);
    const position = unravel(f, unit, [groups, ...window, rowUnits]);
    const [group, ...rest] = position as [I32Like, I32Like, I32Like, I32Like, I32Like];
    const tap = rest.slice(0, 3);
    const row = f.i32(times(rest[3] as I32Like, rowsPerUnit));
    const index = plus(times(plus(times(group, taps), ravel(tap, window)), inner), row);
    const from = f.i32(times(group, outer));
    finish(
      f,
      args,
      f.i32(places.scratch(plus(times(index, cRow), sumsOffset))),
      { from: row, to: least(f, i32.add(row, rowsPerUnit), inner) },
      { from, to: f.i32(i32.add(from, outer)) },
      tap.slice(3 - spatial),
    );
  });
  phases.push({
    name: "sum",
    units: groups * taps * rowUnits,
    cost: groups * taps * inner * outer * splits * storeCost,
  });
  return { code: module.toBytes(), phases, scratchBytes: scratch.bytes, threadBytes: own.bytes };
};
