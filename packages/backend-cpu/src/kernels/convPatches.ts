import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { plus, times } from "./arithmetic.ts";
import type { Gather } from "./convGeometry.ts";
import { least } from "./matmulUnits.ts";

/** Positions that the taps of a gather reach from one result. */
export const reachOf = ({ taps, spacing }: Pick<Gather, "taps" | "spacing">): number =>
  Math.max(0, taps.length - 1) * spacing + 1;

/** Pieces of equal size, but for rounding, none longer than `most`. */
export const even = (n: number, most: number): number => Math.ceil(n / Math.max(1, Math.ceil(n / Math.max(1, most))));

/** Copies of the image's lines, zeros around them, as they lie in a thread's memory: [depth tap][line][pixel][channel]; in bytes. */
export interface PatchLayout {
  /** Pixels of a line. */
  readonly pixels: number;
  readonly pixelBytes: number;
  readonly lineBytes: number;
  readonly planeBytes: number;
}

/** How the results of a part are cut into blocks of `lines` by `width`. */
export interface Blocks {
  readonly lines: number;
  readonly width: number;
  readonly lineBlocks: number;
  readonly widthBlocks: number;
  readonly patches: PatchLayout;
}

/** What a block is measured by. */
export interface Limits {
  /** Bytes of patches and sums, and of the sums of one pixel. */
  readonly bytes: number;
  readonly sumBytes: number;
  /** Pixels of a line; by default as many as the bytes allow. */
  readonly width?: number;
  /** Lines, when so many would fit. */
  readonly lines: (fit: number, widthBlocks: number) => number;
}

export const cutBlocks = (
  [deep, high, wide]: readonly [Gather, Gather, Gather],
  pixelBytes: number,
  limits: Limits,
): Blocks => {
  const planes = Math.max(1, deep.taps.length);
  const reach = reachOf(high);
  const perPixel = reach * wide.stride * pixelBytes * planes + limits.sumBytes;
  const width = limits.width ?? even(wide.count, Math.max(16, Math.floor(limits.bytes / perPixel)));
  const pixels = (width - 1) * wide.stride + reachOf(wide);
  const lineBytes = pixels * pixelBytes;
  const perLine = high.stride * lineBytes * planes + width * limits.sumBytes;
  const fit = Math.floor((limits.bytes - reach * lineBytes * planes) / perLine);
  const widthBlocks = Math.ceil(wide.count / Math.max(1, width));
  const lines = even(high.count, limits.lines(Math.max(1, fit), widthBlocks));
  return {
    lines,
    width,
    lineBlocks: Math.ceil(high.count / Math.max(1, lines)),
    widthBlocks,
    patches: { pixels, pixelBytes, lineBytes, planeBytes: ((lines - 1) * high.stride + reach) * lineBytes },
  };
};

/** A block of results: lines `h0 <= h < h0 + lines`, pixels `w0 <= w < w0 + width`. */
export interface Block {
  readonly h0: Local<"i32">;
  readonly lines: Local<"i32">;
  readonly w0: Local<"i32">;
  readonly width: Local<"i32">;
}

export const blockAt = (
  f: FunctionBuilder,
  blocks: Blocks,
  [, high, wide]: readonly [Gather, Gather, Gather],
  lineBlock: I32Like,
  widthBlock: I32Like,
): Block => {
  const extent = (block: I32Like, size: number, count: number): [Local<"i32">, Local<"i32">] => {
    const from = f.i32(times(block, size));
    return [from, f.i32(i32.sub(least(f, i32.add(from, size), count), from))];
  };
  const [h0, lines] = extent(lineBlock, blocks.lines, high.count);
  const [w0, width] = extent(widthBlock, blocks.width, wide.count);
  return { h0, lines, w0, width };
};

/** The image of one batch position (and some channels); strides in bytes over depth, height and width. */
export interface Image {
  readonly at: I32;
  readonly strides: readonly [number, number, number];
  readonly sizes: readonly [number, number, number];
}

/** Copies one line: `(target, source, before, pixels, after)`. */
export type CopyLine = (target: I32, source: I32, before: I32, pixels: I32, after: I32) => void;

/** Copies the lines that the taps of a block reach; `target` is where the planes of the depth taps begin. */
export const copyPatches = (
  f: FunctionBuilder,
  copyLine: CopyLine,
  { at, strides, sizes }: Image,
  [deep, high, wide]: readonly [Gather, Gather, Gather],
  { pixels, lineBytes, planeBytes }: PatchLayout,
  { h0, lines, w0 }: Block,
  d0: I32Like,
  target: Local<"i32">,
): void => {
  const left = f.i32(plus(times(w0, wide.stride), wide.offset));
  const before = least(f, f.i32(select(i32.ltS(left, 0), i32.sub(0, left), i32.const(0))), pixels);
  const present = f.i32(i32.sub(least(f, i32.sub(sizes[2], left), pixels), before));
  f.if(i32.ltS(present, 0), () => f.set(present, i32.const(0)));
  const after = f.i32(i32.sub(i32.sub(pixels, before), present));
  const start = f.i32(plus(at, times(i32.add(left, before), strides[2])));
  const first = f.i32(plus(times(h0, high.stride), high.offset));
  const end = f.i32(plus(first, plus(times(i32.sub(lines, 1), high.stride), reachOf(high))));
  const line = f.local("i32");
  const to = f.local("i32");
  deep.taps.forEach((_, tap) => {
    const d = f.i32(plus(times(d0, deep.stride), deep.offset + tap * deep.spacing));
    const inside = f.i32(i32.ltU(d, sizes[0]));
    const plane = f.i32(plus(start, times(d, strides[0])));
    // A block that ends early leaves room for the lines it does not have.
    f.set(to, i32.add(target, tap * planeBytes));
    f.loop(line, first, end, 1, () => {
      f.if(
        i32.and(inside, i32.ltU(line, sizes[1])),
        () => copyLine(to, asI32(plus(plane, times(line, strides[1]))), before, present, after),
        () => copyLine(to, plane, i32.const(pixels), i32.const(0), i32.const(0)),
      );
      f.increment(to, lineBytes);
    });
  });
};

/** How pixels are copied; distances in bytes. */
export interface PixelCopy {
  /** Bytes of a pixel that are copied, and from pixel to pixel in the image and in the copy. */
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Writes whole vectors up to `end` or just behind it. */
const writeVectors = (f: FunctionBuilder, target: I, end: I, source: I | undefined): void => {
  const write = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const vector = source === undefined ? v128.const(new Array(16).fill(0)) : v128.load(source, 16 * i);
      f.store(target, vector, 16 * i);
    }
    f.increment(target, 16 * count);
    if (source !== undefined) f.increment(source, 16 * count);
  };
  const almost = f.i32(i32.sub(end, 64));
  f.while(
    () => i32.leU(target, almost),
    () => write(4),
  );
  f.while(
    () => i32.ltU(target, end),
    () => write(1),
  );
  f.set(target, end);
};

/**
 * Adds a function `(target, source, before, pixels, after)`: that many pixels of zeros, of the image's line at `source`, and of zeros. It
 * may write up to 15 bytes behind them, so lines are to be written in the order of memory.
 */
export const addLineCopy = (module: ModuleBuilder, { bytes, from, to }: PixelCopy): FunctionBuilder =>
  module.add(undefined, Array<"i32">(5).fill("i32"), [], (f, ...params) => {
    const [target, source, before, pixels, after] = params as I[] as [I, I, I, I, I];
    const run = (count: I, at: I | undefined): void =>
      writeVectors(f, target, f.i32(i32.add(target, i32.mul(count, to))), at);
    f.if(before, () => run(before, undefined));
    if (from === bytes && to === bytes) run(pixels, source);
    else {
      f.while(
        () => i32.gtS(pixels, 0),
        () => {
          for (let at = 0; at < bytes; at += 16) f.store(target, v128.load(source, at), at);
          f.increment(target, to);
          f.increment(source, from);
          f.increment(pixels, -1);
        },
      );
    }
    f.if(after, () => run(after, undefined));
  });

type I = Local<"i32">;
