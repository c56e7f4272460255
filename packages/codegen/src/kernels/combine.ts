import type { ComputeType } from "@gradloom/backend";
import { address } from "../position.ts";
import type { Source } from "../source.ts";
import { type Fold, mergeStates } from "./fold.ts";
import { type Place, powerBelow, type Tile, when } from "./tile.ts";

/** Pieces that are merged in one go; more are merged in two levels. */
const inOneGo = 16;

/** The states that the lanes of each kept element merge. */
interface Merging {
  readonly tile: Tile;
  readonly place: Place;
  readonly folds: readonly Fold[];
  readonly states: readonly (readonly string[])[];
  readonly who: "all" | "first";
}

/**
 * Merges the states of the lanes of each kept element, always in the same order. All lanes, or only the first ones, then have the whole
 * in their states. In uniform control flow only.
 */
export const combine = (
  s: Source,
  tile: Tile,
  place: Place,
  folds: readonly Fold[],
  states: readonly (readonly string[])[],
  who: "all" | "first",
): void => {
  const { lanes, fast } = tile;
  const { lane } = place;
  if (folds.length === 0 || lanes === 1) return;
  const merging = { tile, place, folds, states, who };
  // A subgroup may be larger than the smallest one, but holds whole ones of that size.
  const width = fast === "kept" ? 1 : Math.min(lanes, powerBelow(s.limits.subgroup));
  if (width > 1) s.enable("subgroups");
  for (let mask = 1; mask < width; mask *= 2) exchange(s, merging, mask);
  const pieces = lanes / width;
  if (pieces === 1) return;
  const shared = new SharedStates(s, merging, pieces);
  if (width === 1) shared.write(lane);
  else s.if(`${lane} % ${width} == 0`, () => shared.write(s.let("int32", `${lane} / ${width}`, "piece")));
  s.barrier();
  const left = pieces <= inOneGo ? pieces : pieces >= 128 ? 16 : 8;
  if (left < pieces) shared.mergeTo(left);
  shared.readAll(left);
};

/** Merges the states with those of the lane whose number differs in one bit: both end with the same bits. */
const exchange = (s: Source, { folds, states }: Merging, mask: number): void => {
  const others = folds.flatMap(({ types }, k) =>
    types.map((type, i) => s.let(type, s.dialect.shuffleXor(states[k]?.[i] as string, mask))),
  );
  mergeStates(s, folds, states, others);
};

/** Shared memory for `pieces` states of each kept element. */
class SharedStates {
  readonly #source: Source;
  readonly #merging: Merging;
  readonly #pieces: number;
  /** Names of the states' values, their types, and the arrays that hold them. */
  readonly #names: readonly string[];
  readonly #types: readonly ComputeType[];
  readonly #arrays: readonly string[];

  constructor(s: Source, merging: Merging, pieces: number) {
    this.#source = s;
    this.#merging = merging;
    this.#pieces = pieces;
    this.#names = merging.states.flat();
    this.#types = merging.folds.flatMap(({ types }) => types);
    this.#arrays = this.#types.map((type) => s.shared(type, pieces * merging.tile.kept));
  }

  #place(piece: string): string {
    const { tile, place } = this.#merging;
    if (tile.fast === "kept") return address([tile.kept, 1], [piece, place.column]);
    return address([this.#pieces, 1], [place.column, piece]);
  }

  write(piece: string): void {
    for (const [k, array] of this.#arrays.entries()) {
      this.#source.line(`${array}[${this.#place(piece)}] = ${this.#names[k]};`);
    }
  }

  /** Makes the states the merged ones of piece `first` and every `step`-th from there on, below `end`. */
  #read(first: string, step: number, end: number): void {
    const s = this.#source;
    const { folds, states } = this.#merging;
    const element = (k: number, piece: string): string => `${this.#arrays[k]}[${this.#place(piece)}]`;
    for (const [k, name] of this.#names.entries()) s.line(`${name} = ${element(k, first)};`);
    const merge = (piece: string): void => {
      const others = this.#types.map((type, k) => s.let(type, element(k, piece)));
      mergeStates(s, folds, states, others);
    };
    s.for(first === "0" ? step : `${first} + ${step}`, end, merge, step);
  }

  /** Merges the pieces to the first `left` ones. */
  mergeTo(left: number): void {
    const { lane } = this.#merging.place;
    this.#source.if(`${lane} < ${left}`, () => {
      this.#read(lane, left, this.#pieces);
      this.write(lane);
    });
    this.#source.barrier();
  }

  /** Makes the states of the lanes that are to have it the merged ones of the first `left` pieces. */
  readAll(left: number): void {
    const { who, place } = this.#merging;
    when(this.#source, who === "all" ? undefined : `${place.lane} == 0`, () => this.#read("0", 1, left));
  }
}
