import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32, i64, select } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { I32, Local, Value } from "../wasm/value.ts";

/** Sorted by insertion before runs are merged. */
const runLength = 8;

/** Bytes of a record: an unsigned 64-bit key, alone or followed by 64 bits that go with it. */
export type RecordBytes = 8 | 16;

/** How records move: as one i64 or one vector. */
const movesOf = (f: FunctionBuilder, bytes: RecordBytes) => {
  const load = (address: I32): Value<"i64" | "v128"> => (bytes === 8 ? i64.load(address) : v128.load(address));
  return {
    copy: (to: I32, from: I32): void => f.store(to, load(from)),
  };
};

/** Sorts each run of a few records where it lies. */
const insertionSort = (f: FunctionBuilder, bytes: RecordBytes, from: Local<"i32">, end: Local<"i32">): void => {
  const { copy } = movesOf(f, bytes);
  const run = f.local("i32");
  const stop = f.local("i32");
  const next = f.local("i32");
  const at = f.local("i32");
  const key = f.local("i64");
  const record = f.local("v128");
  f.set(run, from);
  f.while(
    () => i32.ltU(run, end),
    () => {
      f.set(stop, i32.add(run, runLength * bytes));
      f.set(stop, select(i32.ltU(stop, end), stop, end));
      f.set(next, i32.add(run, bytes));
      f.while(
        () => i32.ltU(next, stop),
        () => {
          f.set(key, i64.load(next));
          if (bytes === 16) f.set(record, v128.load(next));
          f.set(at, next);
          f.block((placed) => {
            f.repeat((again) => {
              f.brIf(placed, i32.eq(at, run));
              f.brIf(placed, i64.leU(i64.load(i32.sub(at, bytes)), key));
              copy(at, i32.sub(at, bytes));
              f.set(at, i32.sub(at, bytes));
              f.br(again);
            });
          });
          f.store(at, bytes === 16 ? record : key);
          f.increment(next, bytes);
        },
      );
      f.set(run, stop);
    },
  );
};

/** Merges two neighbouring runs; of equal keys the left one's come first. */
const mergeRuns = (
  f: FunctionBuilder,
  bytes: RecordBytes,
  left: Local<"i32">,
  middle: Local<"i32">,
  end: Local<"i32">,
  out: Local<"i32">,
): void => {
  const right = f.i32(middle);
  const a = f.local("i64");
  const b = f.local("i64");
  const fromRight = f.local("i32");
  f.while(
    () => i32.and(i32.ltU(left, middle), i32.ltU(right, end)),
    () => {
      f.set(a, i64.load(left));
      f.set(b, i64.load(right));
      f.set(fromRight, i64.ltU(b, a));
      if (bytes === 8) f.store(out, select(fromRight, b, a));
      else f.store(out, v128.load(select(fromRight, right, left)));
      const step = Math.log2(bytes);
      f.set(right, i32.add(right, i32.shl(fromRight, step)));
      f.set(left, i32.add(left, i32.shl(i32.xor(fromRight, 1), step)));
      f.increment(out, bytes);
    },
  );
  const copyRest = (from: Local<"i32">, to: Local<"i32">): void => {
    const rest = f.i32(i32.sub(to, from));
    f.copyBytes(out, from, rest);
    f.set(out, i32.add(out, rest));
  };
  copyRest(left, middle);
  copyRest(right, end);
};

/**
 * Adds a function `(records, spare, bytes) -> records`: a stable merge sort of the records between two areas of `bytes` bytes, which
 * returns the area that holds the result.
 */
export const mergeSort = (module: ModuleBuilder, bytes: RecordBytes): FunctionBuilder =>
  module.helper(`merge sort of ${bytes} bytes`, () =>
    module.add(undefined, ["i32", "i32", "i32"], ["i32"], (f, records, spare, size) => {
      const end = f.i32(i32.add(records, size));
      insertionSort(f, bytes, records, end);
      const width = f.i32(runLength * bytes);
      const left = f.local("i32");
      const middle = f.local("i32");
      const stop = f.local("i32");
      const out = f.local("i32");
      f.while(
        () => i32.ltU(width, size),
        () => {
          f.set(end, i32.add(records, size));
          f.set(left, records);
          f.set(out, spare);
          f.while(
            () => i32.ltU(left, end),
            () => {
              f.set(middle, i32.add(left, width));
              f.set(middle, select(i32.ltU(middle, end), middle, end));
              f.set(stop, i32.add(middle, width));
              f.set(stop, select(i32.ltU(stop, end), stop, end));
              mergeRuns(f, bytes, left, middle, stop, out);
              f.set(left, stop);
            },
          );
          f.set(left, records);
          f.set(records, spare);
          f.set(spare, left);
          f.set(width, i32.shl(width, 1));
        },
      );
      f.result(records);
    }),
  );
