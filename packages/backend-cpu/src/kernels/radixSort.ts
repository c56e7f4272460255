import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32, i64 } from "../wasm/numeric.ts";
import type { I32, Local } from "../wasm/value.ts";

/** Bits of a digit, and bytes of the table of one digit's counts. */
const digitBits = 8;
const digits = 4;
const tableBytes = 4 << digitBits;

/** Bytes of the counts of all digits. */
export const countBytes = tableBytes * digits;

/** Shorter rows are merged faster. */
export const leastForRadix = 128;

/**
 * Adds a function `(records, spare, bytes, counts) -> records`: sorts records of 8 bytes by their upper 32 bits, digit by digit from the
 * lowest, which keeps the order of equal ones. Digits that all records share are passed over.
 */
export const radixSort = (module: ModuleBuilder): FunctionBuilder =>
  module.helper("radix sort", () =>
    module.add(undefined, ["i32", "i32", "i32", "i32"], ["i32"], (f, records, spare, size, counts) => {
      const at = f.local("i32");
      const end = f.local("i32");
      const key = f.local("i32");
      const digit = f.local("i32");
      const record = f.local("i64");
      const slot = f.local("i32");
      const digitOf = (value: Local<"i32">, d: number): I32 =>
        i32.shl(i32.and(i32.shrU(value, d * digitBits), (1 << digitBits) - 1), 2);
      const bump = (address: Local<"i32">, offset: number, by: I32 | number): void =>
        f.store(address, i32.add(i32.load(address, offset), by), offset);
      f.fillBytes(counts, 0, countBytes);
      f.set(end, i32.add(records, size));
      f.set(at, records);
      f.while(
        () => i32.ltU(at, end),
        () => {
          f.set(key, i32.load(at, 4));
          for (let d = 0; d < digits; d++) {
            f.set(slot, i32.add(counts, digitOf(key, d)));
            bump(slot, d * tableBytes, 1);
          }
          f.increment(at, 8);
        },
      );
      const swap = f.local("i32");
      const total = f.local("i32");
      const own = f.local("i32");
      const table = f.local("i32");
      for (let d = 0; d < digits; d++) {
        f.set(table, i32.add(counts, d * tableBytes));
        f.set(key, i32.load(records, 4));
        f.set(digit, digitOf(key, d));
        // Unless the first record's digit is that of all.
        f.if(i32.ne(i32.shl(i32.load(i32.add(table, digit)), 3), size), () => {
          f.set(total, spare);
          f.set(at, table);
          f.set(end, i32.add(table, tableBytes));
          f.while(
            () => i32.ltU(at, end),
            () => {
              f.set(own, i32.shl(i32.load(at), 3));
              f.store(at, total);
              f.set(total, i32.add(total, own));
              f.increment(at, 4);
            },
          );
          f.set(at, records);
          f.set(end, i32.add(records, size));
          f.while(
            () => i32.ltU(at, end),
            () => {
              f.set(record, i64.load(at));
              f.set(key, i32.load(at, 4));
              f.set(slot, i32.add(table, digitOf(key, d)));
              f.set(own, i32.load(slot));
              f.store(own, record);
              f.store(slot, i32.add(own, 8));
              f.increment(at, 8);
            },
          );
          f.set(swap, records);
          f.set(records, spare);
          f.set(spare, swap);
        });
      }
      f.result(records);
    }),
  );
