import type { Source } from "../source.ts";
import { type Accumulators, upTo } from "./accumulators.ts";
import { count } from "./affine.ts";
import { coordinates, Neighbours } from "./neighbours.ts";
import { accumulatorType, type Product } from "./product.ts";

export type Side = "row" | "column";

/** One row or column: the name of its number, and its coordinates. */
export interface Line {
  readonly index: string;
  readonly coordinates: readonly string[];
}

/** Gets the sums at one position across, one for each neighbour along. */
export type Visit = (across: Line, sums: readonly string[]) => void;

/** Calls `body` where a number (a name) is below the size of its space, if it may not be. */
const guarded = (s: Source, { sizes }: Product, excess: boolean, space: Side, index: string, body: () => void): void =>
  excess ? s.if(`${index} < ${count(sizes, space)}`, body) : body();

/** Walks over an invocation's sums: `begin` is called for each group of `together` neighbours along a side, then its result across. */
export const visitSums = (
  s: Source,
  product: Product,
  along: Side,
  together: number,
  { rows, columns, sums, excess }: Accumulators,
  begin: (along: readonly Line[]) => Visit,
): void => {
  const { sizes } = product;
  const across = along === "row" ? "column" : "row";
  const [alongNames, acrossNames] = along === "row" ? [rows, columns] : [columns, rows];
  for (let first = 0; first < alongNames.length; first += together) {
    const index = alongNames[first] as string;
    guarded(s, product, excess[along], along, index, () => {
      const neighbours = new Neighbours(s, sizes[along], index);
      const group = upTo(together).map((i) => ({
        index: alongNames[first + i] as string,
        coordinates: neighbours.at(i),
      }));
      const visit = begin(group);
      for (const [j, name] of acrossNames.entries()) {
        guarded(s, product, excess[across], across, name, () => {
          const values = group.map((_, i) => (along === "row" ? sums[first + i]?.[j] : sums[j]?.[first + i]) as string);
          visit({ index: name, coordinates: coordinates(s, name, sizes[across]) }, values);
        });
      }
    });
  }
};

/**
 * Walks over an invocation's sums, which are neighbours, in a loop: where an expression is long, software drivers would take seconds to
 * compile a copy of it for each sum.
 */
export const loopOverSums = (
  s: Source,
  product: Product,
  { rows, columns, sums, excess }: Accumulators,
  visit: (row: Line, column: Line, sum: string) => void,
): void => {
  const { sizes } = product;
  const type = accumulatorType(product);
  const array = s.array(type, rows.length * columns.length, "sums");
  for (const [i, line] of sums.entries()) {
    for (const [j, sum] of line.entries()) s.line(`${array}[${i * columns.length + j}] = ${sum};`);
  }
  const line = (space: Side, first: string, offset: string): Line => {
    const index = s.let("int32", `${first} + ${offset}`, space);
    return { index, coordinates: coordinates(s, index, sizes[space]) };
  };
  // Compilers do not unroll a loop whose end they do not know.
  const end = s.let("int32", `min(${rows.length}, ${count(sizes, "row")} - ${rows[0]}) * ${columns.length}`, "end");
  s.for(0, end, (i) => {
    const row = line("row", rows[0] as string, `${i} / ${columns.length}`);
    const column = line("column", columns[0] as string, `${i} % ${columns.length}`);
    guarded(s, product, excess.column, "column", column.index, () => visit(row, column, `${array}[${i}]`));
  });
};
