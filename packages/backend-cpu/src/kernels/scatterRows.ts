import {
  byteSize,
  computeType,
  contiguousStrides,
  isMasked,
  type KernelInput,
  type ScatterKernel,
  sizeOf,
  type View,
} from "@gradloom/backend";
import type { CompileOptions, Phase } from "../compiled.ts";
import { type Count, loadLanes, storeLanes } from "../scalar/memory.ts";
import { Scope } from "../scalar/scope.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32, select } from "../wasm/numeric.ts";
import { asI32, type I32, type I32Like, type Local } from "../wasm/value.ts";
import { both, plus, times } from "./arithmetic.ts";
import { placeOf } from "./coordinates.ts";
import { addPhase, unravel, vectorLoop } from "./loops.ts";
import { combine, fewUpdates, type ScatterFold, scalarFinding, updatePositions } from "./scatterFold.ts";

/** Columns of a unit; fewer than the wanted number of units are supplemented by shares of the target's rows. */
const blockColumns = 64;
const wantedUnits = 8;

/** The target dimension along which rows of updates go whole; -1 where every element has a place of its own. */
export const rowsAlong = ({ updates, coordinates, inputs, shape }: ScatterKernel): number => {
  const last = updates.length - 1;
  let along = -1;
  for (const [d, coordinate] of coordinates.entries()) {
    if ("input" in coordinate) {
      const { view } = inputs[coordinate.input] as KernelInput;
      if (isMasked(view, last) || (view.shape[last] !== 1 && view.strides[last] !== 0)) return -1;
    } else if (coordinate.dim === last) {
      if (along >= 0 || (updates[last] as number) > (shape[d] as number)) return -1;
      along = d;
    }
  }
  return along;
};

/** Folds whole rows of updates; units own columns of the target, and rows of it where there are few columns. */
export const foldRows = (module: ModuleBuilder, fold: ScatterFold, along: number, options: CompileOptions): Phase => {
  const { kernel, shape, updates, dtype, strides, slot } = fold;
  const type = computeType(dtype);
  const bytes = byteSize(dtype);
  const last = updates.length - 1;
  const n = updates[last] as number;
  const rowShape = updates.slice(0, -1);
  const rowCount = sizeOf(rowShape);
  const columns = Math.min(n, blockColumns);
  const blocks = Math.ceil(n / columns);
  const parts = rowCount * n < fewUpdates ? 1 : Math.max(1, Math.ceil(wantedUnits / blocks));
  const target: View = { shape, strides, offset: 0, valid: undefined };
  const rows = contiguousStrides(shape.map((size, d) => (d === along ? 1 : size)));
  const stride = strides[along] as number;
  addPhase(module, "fold", (f, args) => {
    const s = new Scope(module, f, type === "float64" ? 2 : 4, options.relaxed);
    const at: Local<"i32">[] = updates.map(() => f.local("i32"));
    const column = at[last] as Local<"i32">;
    const positions = updatePositions(s, fold, at, last, args);
    positions.enter(0);
    const base = f.i32(i32.load(args, slot));
    const row = f.local("i32");
    const pointer = f.local("i32");
    return (unit) => {
      const [part, block] = unravel(f, unit, [parts, blocks]) as [I32Like, I32Like];
      const left = blocks === 1 ? 0 : f.i32(times(block, columns));
      const end = blocks === 1 ? n : f.i32(plus(left, columns));
      const right = typeof end === "number" ? end : f.i32(select(i32.ltS(end, n), end, i32.const(n)));
      const own = f.i32(part);
      const apply = (count: Count, ahead: number): void => {
        positions.count = count;
        positions.ahead = ahead;
        const address = (): I32 => asI32(plus(pointer, times(column, stride * bytes)));
        const place = { address, offset: ahead * stride * bytes, stride };
        const value = s.keep(positions.load(1));
        storeLanes(
          s,
          dtype,
          place,
          combine(s, kernel.mode, type, () => loadLanes(s, dtype, place, count), value),
          count,
        );
      };
      f.loop(row, 0, rowCount, 1, () => {
        unravel(f, row, rowShape).forEach((position, d) => {
          f.set(at[d] as Local<"i32">, asI32(position));
        });
        positions.enter(1);
        positions.count = 1;
        positions.ahead = 0;
        const extent = (d: number): number => updates[d] as number;
        const finding = scalarFinding(f, positions, at);
        const place = placeOf(f, target, kernel.coordinates, extent, finding, along);
        f.set(pointer, asI32(plus(base, times(place.offset, bytes))));
        let mine = place.inRange;
        if (parts > 1) {
          const order = placeOf(f, { ...target, strides: rows }, kernel.coordinates, extent, finding, along).offset;
          mine = both(mine, i32.eq(i32.remU(asI32(order), parts), own));
        }
        const span = { from: left, to: right, multiple: n % columns === 0 ? columns : 1 };
        const line = (): void => vectorLoop(s, column, span, 1, apply);
        if (mine === undefined) line();
        else f.if(mine, line);
      });
    };
  });
  return { name: "fold", units: parts * blocks, cost: rowCount * (n + 5 * parts * blocks) };
};
