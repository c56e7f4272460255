import type { ValueType } from "../dialect.ts";
import { invocation, type Source } from "../source.ts";
import { type Accumulators, addProduct, offsets, type Start, upTo, zeroSums } from "./accumulators.ts";
import { count } from "./affine.ts";
import { Copier } from "./copier.ts";
import { depthRange, eachOuter, inBlocks } from "./depth.ts";
import type { Places } from "./places.ts";
import { accumulatorType, type Product } from "./product.ts";
import { Reader } from "./reader.ts";
import type { SharedTile } from "./tiles.ts";

const components = ["x", "y", "z", "w"] as const;

/**
 * The usual tile: the workgroup copies `depth` elements of each of its rows and columns to shared memory, and each invocation adds up the
 * products of its own ones: four neighbouring columns and one or two groups of four rows, half the tile apart.
 */
export const sharedTile = (
  s: Source,
  product: Product,
  places: Places,
  tile: SharedTile,
  start: Start,
): Accumulators => {
  const { sizes } = product;
  const type = accumulatorType(product);
  const vector = `vec4<${type as "float32" | "int32"}>` satisfies ValueType;
  const { height, width, rows, columns, depth, workgroup } = tile;
  const local = s.let("int32", s.dialect.toInt(invocation.local), "l");
  const row = s.let("int32", `${start.row} * ${height}`, "row");
  const column = s.let("int32", `${start.column} * ${width}`, "column");
  const range = depthRange(s, product, start.slice, tile.slices, depth);
  const copier = (side: "left" | "right", first: string, lines: number, skip: number): Copier => {
    const reader = new Reader(s, product, places, side);
    return new Copier(
      s,
      product,
      reader,
      start.batch,
      first,
      { lines, depth, type: vector },
      { local, workgroup, skip },
    );
  };
  const left = copier("left", row, height, 0);
  const right = copier("right", column, width, Copier.blocks(height, depth));
  const x = s.let("int32", `${local} % ${width / columns}`, "x");
  const y = s.let("int32", `${local} / ${width / columns}`, "y");
  const totals = zeroSums(s, type, rows, columns);
  const bands = rows / 4;
  const multiply = (u: string, sums: readonly (readonly string[])[]): void => {
    const a = upTo(bands).map((band) =>
      s.let(vector, left.vector(u, band === 0 ? y : `${y} + ${(band * height) / rows}`), "a"),
    );
    const b = s.let(vector, right.vector(u, x), "b");
    for (const i of upTo(rows)) {
      const value = `${a[Math.floor(i / 4)]}.${components[i % 4]}`;
      for (const j of upTo(columns)) addProduct(s, type, sums[i]?.[j] as string, value, `${b}.${components[j]}`);
    }
  };
  eachOuter(s, product, start.batch, (outer) => {
    const [rowBlocks, columnBlocks] = [left.enterOuter(outer), right.enterOuter(outer)];
    inBlocks(s, product, range, totals, (from, to, sums) => {
      const step = (k: string): void => {
        left.copy(rowBlocks, k, range.whole ? undefined : range.to);
        right.copy(columnBlocks, k, range.whole ? undefined : range.to);
        s.barrier();
        s.for(0, depth, (u) => multiply(u, sums));
        s.barrier();
      };
      s.for(from, to, step, depth);
    });
  });
  const ownRow = s.let("int32", `${row} + ${y} * 4`, "row");
  const ownColumn = s.let("int32", `${column} + ${x} * 4`, "column");
  return {
    rows: offsets(
      s,
      ownRow,
      upTo(rows).map((i) => (i % 4) + Math.floor(i / 4) * (height / bands)),
      "row",
    ),
    columns: offsets(s, ownColumn, upTo(columns), "column"),
    sums: totals,
    excess: { row: count(sizes, "row") % height !== 0, column: count(sizes, "column") % width !== 0 },
  };
};
