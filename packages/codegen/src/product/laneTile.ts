import { invocation, type Source } from "../source.ts";
import { type Accumulators, addProduct, offsets, type Start, upTo, zeroSums } from "./accumulators.ts";
import { count } from "./affine.ts";
import { depthRange, eachOuter, inBlocks } from "./depth.ts";
import { Neighbours } from "./neighbours.ts";
import type { Places } from "./places.ts";
import { accumulatorType, type Product } from "./product.ts";
import { Reader } from "./reader.ts";
import { Spread } from "./spread.ts";
import type { LaneTile } from "./tiles.ts";

/**
 * A tile for narrow subgroups, and for drivers that run a subgroup as the lanes of vector instructions: all invocations have the same
 * rows and columns of their own. What they need of the left operand they read together and broadcast; nothing goes through shared
 * memory, and nobody waits.
 */
export const laneTile = (s: Source, product: Product, places: Places, tile: LaneTile, start: Start): Accumulators => {
  const { sizes } = product;
  const type = accumulatorType(product);
  const { height, width, rows, columns, lanes } = tile;
  s.enable("subgroups");
  const row = s.let("int32", `${start.row} * ${height}`, "row");
  const local = s.dialect.toInt(invocation.local);
  const column = s.let(
    "int32",
    `${start.column} * ${width} + ${columns === 1 ? local : `${local} * ${columns}`}`,
    "column",
  );
  const excess = { row: count(sizes, "row") % height !== 0, column: count(sizes, "column") % width !== 0 };
  const totals = zeroSums(s, type, rows, columns);
  const [left, right] = [new Reader(s, product, places, "left"), new Reader(s, product, places, "right")];
  const isDeep = left.direction !== undefined || right.direction === "depth";
  const range = depthRange(s, product, start.slice, tile.slices, isDeep ? 4 : 1);
  const columnWalks = right.lines(right.start(start.batch), column, columns, excess.column);
  const leftStart = left.start(start.batch);
  const end = !isDeep || count(sizes, "inner") < 4 ? range.from : range.whole ? range.to : wholeFours(s, range.to);
  const steps = [
    ...(end === range.from ? [] : [{ length: 4, from: range.from, to: end }]),
    ...(end === range.to ? [] : [{ length: 1, from: end, to: range.to }]),
  ].map((step) => {
    const block = { rows, depth: step.length, lanes, clamp: excess.row };
    return { ...step, spread: new Spread(s, left, leftStart, row, block) };
  });
  eachOuter(s, product, start.batch, (outer) => {
    const walks = columnWalks.map((walk) => walk.enter("outer", outer));
    for (const { length, from, to, spread } of steps) {
      const shares = spread.enterOuter(outer);
      const step = (k: string, sums: readonly (readonly string[])[]): void => {
        const element = spread.read(shares, k, sizes.inner);
        const block = right.block(walks, new Neighbours(s, sizes.inner, k), length);
        for (const u of upTo(length)) {
          for (const i of upTo(rows)) {
            const x = s.let(type, element(i, u), "x");
            for (const j of upTo(columns)) addProduct(s, type, sums[i]?.[j] as string, x, block[u]?.[j] as string);
          }
        }
      };
      const loop = (a: string, b: string, sums: readonly (readonly string[])[]): void =>
        s.for(a, b, (k) => step(k, sums), length);
      if (isDeep && length === 1) loop(from, to, totals);
      else inBlocks(s, product, { from, to }, totals, loop);
    }
  });
  return {
    rows: offsets(s, row, upTo(rows), "row"),
    columns: offsets(s, column, upTo(columns), "column"),
    sums: totals,
    excess,
  };
};

/** The last multiple of four up to `to`. */
const wholeFours = (s: Source, to: string): string =>
  /^\d+$/.test(to) ? `${Number(to) - (Number(to) % 4)}` : s.let("int32", `${to} - ${to} % 4`, "end");
