import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { Local } from "../wasm/value.ts";
import { panelVectors } from "./matmulBlock.ts";
import type { Element } from "./matmulElement.ts";
import { addTile } from "./matmulTile.ts";

/** Distances in bytes. */
export interface LinesLayout {
  /** From pixel to pixel in the patches, and in the sums. */
  readonly aRow: number;
  readonly cRow: number;
  /** Vectors in use of a last panel that is not full; 0 where all are. */
  readonly restVectors: number;
}

const tileRows = (vectors: number): number => (vectors <= 2 ? 4 : 2);

/**
 * Adds a function `(a, b, c, lines, pixels, aLine, k, runs, aRun, bRun, accumulate)` for a full panel of filters, and one for the last:
 * the sums of `pixels` neighbours in each of `lines` lines, which are `aLine` bytes apart.
 */
export const addLines = (
  module: ModuleBuilder,
  element: Element,
  { aRow, cRow, restVectors }: LinesLayout,
): { readonly full: FunctionBuilder; readonly last: FunctionBuilder } => {
  const add = (vectors: number): FunctionBuilder => {
    const rows = tileRows(vectors);
    const layout = { aRow, aStep: element.bytes, bStep: 16 * panelVectors, cRow };
    const tile = addTile(module, element, { rows, vectors }, layout, true);
    const single = addTile(module, element, { rows: 1, vectors }, layout, true);
    return module.add(undefined, Array<"i32">(11).fill("i32"), [], (f, ...params) => {
      const [a, b, c, lines, pixels, aLine, k, runs, aRun, bRun, accumulate] = params as Local<"i32">[] as Eleven;
      const pixel = f.local("i32");
      const last = f.i32(i32.sub(pixels, rows));
      const at = f.local("i32");
      const walk = (callee: FunctionBuilder, step: number, more: () => ReturnType<typeof i32.leS>): void =>
        f.while(more, () => {
          f.call(callee, at, b, c, k, accumulate, runs, aRun, bRun);
          f.increment(at, step * aRow);
          f.increment(c, step * cRow);
          f.increment(pixel, step);
        });
      f.while(
        () => i32.gtS(lines, 0),
        () => {
          f.set(at, a);
          f.set(pixel, i32.const(0));
          walk(tile, rows, () => i32.leS(pixel, last));
          walk(single, 1, () => i32.ltS(pixel, pixels));
          f.set(a, i32.add(a, aLine));
          f.increment(lines, -1);
        },
      );
    });
  };
  const full = add(panelVectors);
  return { full, last: restVectors > 0 ? add(restVectors) : full };
};

type I = Local<"i32">;
type Eleven = [I, I, I, I, I, I, I, I, I, I, I];

/** How a line of patches is made from a line of an image. */
export interface LineCopy {
  readonly element: Element;
  /** Elements that are zero before, taken from the image, and zero after, in pixels. */
  readonly before: number;
  readonly pixels: number;
  readonly after: number;
  /** Elements of a pixel, and the bytes from pixel to pixel in the image. */
  readonly channels: number;
  readonly pixelBytes: number;
}

/** Writes `bytes` bytes or up to 15 more, from `source` or zeros; returns with the pointers behind them. */
const copyVectors = (f: FunctionBuilder, target: I, source: I | undefined, bytes: number): void => {
  const vectors = Math.ceil(bytes / 16);
  const one = (i: number): void =>
    f.store(target, source === undefined ? v128.const(new Array(16).fill(0)) : v128.load(source, 16 * i), 16 * i);
  const rounds = vectors > 8 ? Math.floor(vectors / 4) : 0;
  if (rounds > 0) {
    const left = f.i32(rounds);
    f.repeat((again) => {
      for (let i = 0; i < 4; i++) one(i);
      f.increment(target, 64);
      if (source !== undefined) f.increment(source, 64);
      f.increment(left, -1);
      f.brIf(again, left);
    });
  }
  for (let i = 0; i < vectors - 4 * rounds; i++) one(i);
  f.increment(target, bytes - 64 * rounds);
  if (source !== undefined) f.increment(source, bytes - 64 * rounds);
};

/**
 * Adds a function `(target, source, present)`: one line of patches from the image's line at `source`, or zeros if `present` is 0. It may
 * write up to 15 bytes behind the line, so lines are to be written in the order of memory.
 */
export const addLineCopy = (
  module: ModuleBuilder,
  { element, before, pixels, after, channels, pixelBytes }: LineCopy,
): FunctionBuilder =>
  module.add(undefined, ["i32", "i32", "i32"], [], (f, target, source, present) => {
    const size = channels * element.bytes;
    f.if(
      present,
      () => {
        if (before > 0) copyVectors(f, target, undefined, before * size);
        if (pixelBytes === size || pixels === 1) copyVectors(f, target, source, pixels * size);
        else {
          const pixel = f.local("i32");
          f.loop(pixel, 0, pixels, 1, () => {
            copyVectors(f, target, source, size);
            f.increment(source, pixelBytes - size);
          });
        }
        if (after > 0) copyVectors(f, target, undefined, after * size);
      },
      () => copyVectors(f, target, undefined, (before + pixels + after) * size),
    );
  });
