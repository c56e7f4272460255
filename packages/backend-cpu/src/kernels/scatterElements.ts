import { byteSize, computeType, contiguousStrides, sizeOf, type View } from "@gradloom/backend";
import type { CompileOptions, Phase } from "../compiled.ts";
import { loadLanes, storeLanes } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { i8x16, i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type Local, type V128 } from "../wasm/value.ts";
import { iota, plus, splat, times } from "./arithmetic.ts";
import { placesOf } from "./coordinates.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import { combine, fewUpdates, type ScatterFold, updatePositions } from "./scatterFold.ts";

/** Units that share the target; a power of 2. Each looks at all indices. */
const shares = 4;
/** Neighbours that belong to one unit: a cache line of float32. */
const lineBits = 4;

/** One lane in the place of the first. */
const toFirst = (value: V128, lane: number, bytes: number): V128 =>
  lane === 0
    ? value
    : i8x16.shuffle(
        value,
        splat(0),
        Array.from({ length: 16 }, (_, i) => (i < bytes ? lane * bytes + i : 0)),
      );

/** Folds updates one by one; places are found for a vector of them at once. */
export const foldElements = (module: ModuleBuilder, fold: ScatterFold, options: CompileOptions): Phase => {
  const { kernel, shape, updates, dtype, strides, slot } = fold;
  const type = computeType(dtype);
  const bytes = byteSize(dtype);
  const last = updates.length - 1;
  const n = updates[last] as number;
  const rowShape = updates.slice(0, -1);
  const rowCount = sizeOf(rowShape);
  const parts = rowCount * n < fewUpdates ? 1 : shares;
  const target: View = { shape, strides, offset: 0, valid: undefined };
  addPhase(module, "fold", (f, args) => {
    const s = new Scope(module, f, type === "float64" ? 2 : 4, options.relaxed);
    const at: Local<"i32">[] = updates.map(() => f.local("i32"));
    const column = at[last] as Local<"i32">;
    const positions = updatePositions(s, fold, at, last, args);
    positions.enter(0);
    const base = f.i32(i32.load(args, slot));
    const row = f.local("i32");
    const mask = f.local("i32");
    const pointer = f.local("i32");
    return (unit) => {
      f.loop(row, 0, rowCount, 1, () => {
        unravel(f, row, rowShape).forEach((position, d) => {
          f.set(at[d] as Local<"i32">, asI32(position));
        });
        positions.enter(1);
        vectorLoop(s, column, { from: 0, to: n, multiple: n }, 1, (count, ahead) => {
          positions.count = count;
          positions.ahead = ahead;
          const found = new Map<number, V128>();
          const index = (input: number): V128 => {
            const known = found.get(input) ?? s.keep(positions.load(input));
            found.set(input, known);
            return known;
          };
          const position = (d: number): V128 =>
            d === last
              ? i32x4.add(i32x4.splat(asI32(plus(column, ahead))), iota(1))
              : i32x4.splat(at[d] as Local<"i32">);
          const places = (view: View) =>
            placesOf(
              (value) => s.keep(value),
              view,
              kernel.coordinates,
              (d) => updates[d] as number,
              position,
              index,
            );
          const { offsets, inRange } = places(target);
          let mine = inRange;
          if (parts > 1) {
            const order = places({ ...target, strides: contiguousStrides(shape) }).offsets;
            const owner = v128.and(i32x4.shrU(order, lineBits), splat(parts - 1));
            mine = v128.and(mine, i32x4.eq(owner, i32x4.splat(unit)));
          }
          f.set(mask, i32x4.bitmask(mine));
          f.if(mask, () => {
            const value = s.keep(positions.load(1));
            for (let lane = 0; lane < (count === "all" ? s.lanes : (count as number)); lane++) {
              f.if(i32.and(mask, 1 << lane), () => {
                f.set(pointer, asI32(plus(base, times(i32x4.extractLane(offsets, lane), bytes))));
                const place = { address: (): I32 => pointer, offset: 0, stride: 0 };
                const one = s.keep(toFirst(value, lane, type === "float64" ? 8 : 4));
                const result = combine(s, kernel.mode, type, () => loadLanes(s, dtype, place, 1), one);
                storeLanes(s, dtype, place, result, 1);
              });
            }
          });
        });
      });
    };
  });
  return { name: "fold", units: parts, cost: rowCount * n * (3 + parts) };
};
