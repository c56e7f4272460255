import type { Source } from "../source.ts";
import type { Accumulators } from "./accumulators.ts";
import { count } from "./affine.ts";
import { coordinates, Neighbours } from "./neighbours.ts";
import type { Product } from "./product.ts";

/** One row or column: the name of its number, and its coordinates. */
export interface Line {
  readonly index: string;
  readonly coordinates: readonly string[];
}

/** Gets the sums at one position across, one for each neighbour along. */
export type Visit = (across: Line, sums: readonly string[]) => void;

/** Walks over an invocation's sums: `begin` is called for each group of `together` neighbours along a side, then its result across. */
export const visitSums = (
  s: Source,
  { sizes }: Product,
  along: "row" | "column",
  together: number,
  { rows, columns, sums, excess }: Accumulators,
  begin: (along: readonly Line[]) => Visit,
): void => {
  const across = along === "row" ? "column" : "row";
  const [alongNames, acrossNames] = along === "row" ? [rows, columns] : [columns, rows];
  const guarded = (space: "row" | "column", index: string, body: () => void): void =>
    excess[space] ? s.if(`${index} < ${count(sizes, space)}`, body) : body();
  for (let first = 0; first < alongNames.length; first += together) {
    const index = alongNames[first] as string;
    guarded(along, index, () => {
      const neighbours = new Neighbours(s, sizes[along], index);
      const group = Array.from({ length: together }, (_, i) => ({
        index: alongNames[first + i] as string,
        coordinates: neighbours.at(i),
      }));
      const visit = begin(group);
      acrossNames.forEach((name, j) => {
        guarded(across, name, () => {
          const values = group.map((_, i) => (along === "row" ? sums[first + i]?.[j] : sums[j]?.[first + i]) as string);
          visit({ index: name, coordinates: coordinates(s, name, sizes[across]) }, values);
        });
      });
    });
  }
};
