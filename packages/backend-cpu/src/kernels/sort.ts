import { computeType, type KernelInput, type SortKernel, sizeOf } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { Scope } from "../scalar/scope.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { i32, i64, select } from "../wasm/numeric.ts";
import { i8x16, i32x4, i64x2, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type Local, type V128 } from "../wasm/value.ts";
import { iota, plus, times } from "./arithmetic.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import { mergeSort, type RecordBytes } from "./mergeSort.ts";
import { Positions } from "./positions.ts";
import { countBytes, leastForRadix, radixSort } from "./radixSort.ts";
import { sortKeys } from "./sortKeys.ts";

/** So few elements are found by keeping a short sorted list instead of sorting all. */
const mostTop = 64;
const unitElements = 4096;

/** Low or high halves of two vectors of 32-bit words, word by word. */
const interleave = (a: V128, b: V128, high: boolean): V128 => {
  const words = high ? [2, 6, 3, 7] : [0, 4, 1, 5];
  return i8x16.shuffle(
    a,
    b,
    words.flatMap((w) => [0, 1, 2, 3].map((byte) => 4 * w + byte)),
  );
};

/**
 * Sort kernels: each row's elements become records of a key and a position. Short keys share 64 bits with the position, which makes
 * all records different; float64 keys have a record of 16 bytes.
 */
export const compileSort = (kernel: SortKernel, options: CompileOptions): CompiledKernel => {
  const { shape, count, descending } = kernel;
  const module = new ModuleBuilder(options);
  const last = shape.length - 1;
  const n = shape[last] as number;
  const rowShape = shape.slice(0, -1);
  const rows = sizeOf(rowShape);
  if (rows * count === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  const { dtype } = kernel.inputs[0] as KernelInput;
  const wide = computeType(dtype) === "float64";
  const bytes: RecordBytes = wide ? 16 : 8;
  const top = !wide && count <= mostTop && count * 8 <= n;
  const byDigits = !wide && n >= leastForRadix;
  const perUnit = Math.max(1, Math.floor(unitElements / n));
  addPhase(module, "sort", (f, args, own) => {
    const s = new Scope(module, f, wide ? 2 : 4, options.relaxed);
    const at = shape.map(() => f.local("i32"));
    const place = [...at.slice(0, -1), f.local("i32")];
    const dimensions = (locals: readonly Local<"i32">[]) =>
      locals.map((local, d) => ({ level: d === last ? 2 : 1, at: () => local }));
    const loads = new Set([0]);
    const { inputs, outputs } = kernel;
    const keys = new Positions(
      s,
      { inputs, outputs: [], nodes: [] },
      { dimensions: dimensions(at), vector: last },
      args,
      { loads },
    );
    const values = new Positions(
      s,
      { inputs, outputs: [], nodes: [] },
      { dimensions: dimensions(at), vector: -1 },
      args,
      { loads },
    );
    const results = new Positions(
      s,
      { inputs: [], outputs, nodes: [] },
      { dimensions: dimensions(place), vector: -1 },
      args,
      { slots: outputs.map((_, i) => 1 + i) },
    );
    const all = [keys, values, results];
    for (const positions of all) positions.enter(0);
    const row = f.local("i32");
    const first = f.local("i32");
    const line = (): void => {
      unravel(f, row, rowShape).forEach((position, d) => {
        f.set(at[d] as Local<"i32">, asI32(position));
      });
      for (const positions of all) positions.enter(1);
      const column = at[last] as Local<"i32">;
      const eachVector = (body: (key: V128, position: V128, there: number) => void): void =>
        vectorLoop(s, column, { from: 0, to: n, multiple: n }, 1, (lanes, ahead) => {
          keys.count = lanes;
          keys.ahead = ahead;
          const position = i32x4.add(i32x4.splat(asI32(plus(column, ahead))), iota(1));
          const key = sortKeys(s, dtype, keys.load(0), descending);
          body(s.keep(key), s.keep(position), lanes === "all" ? s.lanes : (lanes as number));
        });
      if (top) keepTop(f, own, count, eachVector);
      else {
        const out = f.i32(own);
        eachVector((key, position) => {
          // Lanes that are not there are written behind the row, where the next vector or nothing follows.
          const low = wide ? s.keep(i64x2.extendLowI32x4U(position)) : undefined;
          const pair = (high: boolean): V128 =>
            low === undefined ? interleave(position, key, high) : interleaveWide(key, low, high);
          f.store(out, pair(false));
          f.store(out, pair(true), 16);
          f.increment(out, s.lanes * bytes);
        });
        const spare = i32.add(own, areaBytes(n, bytes));
        const size = i32.const(n * bytes);
        const counts = i32.add(own, 2 * areaBytes(n, bytes));
        const sorted = byDigits
          ? f.callValue("i32", radixSort(module), own, spare, size, counts)
          : f.callValue("i32", mergeSort(module, bytes), own, spare, size);
        f.set(first, sorted);
      }
      if (top) f.set(first, own);
      const k = place[last] as Local<"i32">;
      f.loop(k, 0, count, 1, () => {
        const record = asI32(plus(first, times(k, bytes)));
        f.set(column, i32.load(record, wide ? 8 : 0));
        results.enter(2);
        values.enter(2);
        kernel.results.forEach((result, i) => {
          values.count = 1;
          results.count = 1;
          results.store(i, result === "values" ? values.load(0) : i32x4.splat(column));
        });
      });
    };
    return (unit) => {
      const from = f.i32(times(unit, perUnit));
      const to = f.i32(plus(from, perUnit));
      f.set(to, select(i32.ltS(to, rows), to, i32.const(rows)));
      f.loop(row, from, to, 1, line);
    };
  });
  return {
    code: module.toBytes(),
    phases: [
      {
        name: "sort",
        units: Math.ceil(rows / perUnit),
        cost: rows * n * (top ? 1 : byDigits ? 12 : 4 * Math.max(1, Math.log2(n) - 2)),
      },
    ],
    scratchBytes: 0,
    threadBytes: 2 * areaBytes(n, bytes) + (byDigits ? countBytes : 0),
  };
};

/** Room for the records of a row and the rest of its last vector. */
const areaBytes = (n: number, bytes: RecordBytes): number => Math.ceil(((n + 4) * bytes) / 64) * 64;

const interleaveWide = (key: V128, position: V128, high: boolean): V128 => {
  const start = high ? 8 : 0;
  const half = Array.from({ length: 8 }, (_, i) => start + i);
  return i8x16.shuffle(key, position, [...half, ...half.map((i) => i + 16)]);
};

/** Leaves the `count` smallest records in ascending order: vectors without a smaller key than the largest of them are skipped. */
const keepTop = (
  f: FunctionBuilder,
  list: Local<"i32">,
  count: number,
  eachVector: (body: (key: V128, position: V128, there: number) => void) => void,
): void => {
  f.fillBytes(list, 255, 8 * count);
  const lastOffset = 8 * (count - 1);
  const worst = f.local("v128", i32x4.const(-1, -1, -1, -1));
  const record = f.local("i64");
  const at = f.local("i32");
  eachVector((key, position, there) => {
    f.if(v128.anyTrue(i32x4.leU(key, worst)), () => {
      for (let lane = 0; lane < there; lane++) {
        const word = (v: V128): I32 => i32x4.extractLane(v, lane);
        f.set(record, i64.or(i64.shl(i64.extendI32U(word(key)), i64.const(32n)), i64.extendI32U(word(position))));
        f.if(i64.ltU(record, i64.load(list, lastOffset)), () => {
          f.set(at, i32.add(list, lastOffset));
          f.block((placed) => {
            f.repeat((again) => {
              f.brIf(placed, i32.eq(at, list));
              f.brIf(placed, i64.ltU(i64.load(i32.sub(at, 8)), record));
              f.store(at, i64.load(i32.sub(at, 8)));
              f.set(at, i32.sub(at, 8));
              f.br(again);
            });
          });
          f.store(at, record);
          f.set(worst, v128.load32Splat(list, lastOffset + 4));
        });
      }
    });
  });
};
