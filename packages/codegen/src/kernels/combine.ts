import type { ComputeType } from "@gradloom/backend";
import { address } from "../position.ts";
import type { Source } from "../source.ts";
import { type Fold, mergeStates } from "./fold.ts";
import { type Place, powerBelow, type Tile, when } from "./tile.ts";

/** States that are merged in one go; more are merged in two levels. */
const inOneGo = 16;

/**
 * Merges the states of the lanes of each kept element, always in the same order. All lanes, or only the first ones, then have the whole
 * in their states. Control flow must be uniform here.
 */
export const combine = (
  s: Source,
  tile: Tile,
  { column, lane }: Place,
  folds: readonly Fold[],
  states: readonly (readonly string[])[],
  who: "all" | "first",
): void => {
  if (folds.length === 0) return;
  const { kept, lanes, fast } = tile;
  const width = fast === "kept" ? 1 : Math.min(lanes, powerBelow(s.limits.subgroup));
  if (width > 1) s.enable("subgroups");
  for (let mask = 1; mask < width; mask *= 2) mergeShuffled(s, folds, states, mask);
  const pieces = lanes / width;
  if (pieces === 1) return;

  const types = folds.flatMap((fold) => fold.types);
  const names = states.flat();
  /** A shared array for `pieces` states of each kept element, as statements. */
  const share = (many: number) => {
    const arrays = types.map((type) => s.shared(type, many * kept));
    const place = (piece: string, step = 0, i = "0"): string =>
      fast === "kept"
        ? address([kept, step * kept, 1], [piece, i, column])
        : address([many, 1, step], [column, piece, i]);
    const write = (piece: string): void => {
      for (const [i, array] of arrays.entries()) s.line(`${array}[${place(piece)}] = ${names[i]};`);
    };
    const read = (first: string, step: number, count: number): void => {
      for (const [i, array] of arrays.entries()) s.line(`${names[i]} = ${array}[${place(first)}];`);
      s.for(1, count, (i) => {
        const others = arrays.map((array, k) => s.let(types[k] as ComputeType, `${array}[${place(first, step, i)}]`));
        mergeStates(s, folds, states, others);
      });
    };
    return { write, read };
  };

  const piece = width === 1 ? lane : s.let("int32", `${lane} / ${width}`, "piece");
  const leads = width === 1 ? undefined : `${lane} % ${width} == 0`;
  let shared = share(pieces);
  let left = pieces;
  when(s, leads, () => shared.write(piece));
  s.barrier();
  if (pieces > inOneGo) {
    left = pieces >= 128 ? 16 : 8;
    const next = share(left);
    s.if(`${lane} < ${left}`, () => {
      shared.read(lane, left, pieces / left);
      next.write(lane);
    });
    s.barrier();
    shared = next;
  }
  when(s, who === "all" ? undefined : `${lane} == 0`, () => shared.read("0", 1, left));
};

/** Merges the states with those of the lane whose number differs in one bit: both end with the same bits. */
const mergeShuffled = (
  s: Source,
  folds: readonly Fold[],
  states: readonly (readonly string[])[],
  mask: number,
): void => {
  const others = folds.flatMap(({ types }, k) =>
    types.map((type, i) => s.let(type, s.dialect.shuffleXor(states[k]?.[i] as string, mask))),
  );
  mergeStates(s, folds, states, others);
};
