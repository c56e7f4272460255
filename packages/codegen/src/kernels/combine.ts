import type { ComputeType } from "@gradloom/backend";
import { address } from "../position.ts";
import { invocation, type Source } from "../source.ts";
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
  if (folds.length === 0 || tile.lanes === 1) return;
  const merging = { tile, place, folds, states, who };
  if (tile.fast === "reduced" && s.limits.subgroup > 1) throughSubgroups(s, merging);
  else throughMemory(s, merging);
};

const throughMemory = (s: Source, merging: Merging): void => {
  const { lanes } = merging.tile;
  const shared = new SharedStates(s, merging, lanes);
  shared.write(merging.place.lane);
  s.barrier();
  const left = lanes <= inOneGo ? lanes : lanes >= 128 ? 16 : 8;
  if (left < lanes) shared.mergeTo(left, lanes);
  shared.readAll(left);
};

/** Subgroups merge by exchanging values; what they have then is merged in shared memory. */
const throughSubgroups = (s: Source, merging: Merging): void => {
  const { lane } = merging.place;
  const { lanes } = merging.tile;
  s.enable("subgroups");
  const sure = Math.min(lanes, powerBelow(s.limits.subgroup));
  for (let mask = 1; mask < sure; mask *= 2) exchange(s, merging, `${mask}u`);
  if (sure === lanes) return;
  const width = s.let("int32", `min(${s.dialect.toInt(invocation.subgroupSize)}, ${lanes})`, "width");
  const further = (mask: string): void => exchange(s, merging, s.dialect.toUint(mask));
  s.for(sure, width, further, (mask) => mask);
  const shared = new SharedStates(s, merging, lanes / sure);
  s.if(`${lane} % ${width} == 0`, () => shared.write(s.let("int32", `${lane} / ${width}`, "piece")));
  s.barrier();
  const pieces = s.variable("int32", `${lanes} / ${width}`, "pieces");
  if (lanes / sure > inOneGo) {
    s.if(`${pieces} > ${inOneGo}`, () => {
      shared.mergeTo(8, pieces);
      s.line(`${pieces} = 8;`);
    });
  }
  shared.readAll(pieces);
};

/** Merges the states with those of the lane whose number differs in one bit: both end with the same bits. */
const exchange = (s: Source, { folds, states }: Merging, mask: string): void => {
  const others = folds.flatMap(({ types }, k) =>
    types.map((type, i) => s.let(type, s.dialect.shuffleXor(states[k]?.[i] as string, mask))),
  );
  mergeStates(s, folds, states, others);
};

/** Shared memory for up to `most` states of each kept element. */
class SharedStates {
  readonly #source: Source;
  readonly #merging: Merging;
  readonly #most: number;
  /** Names of the states' values, their types, and the arrays that hold them. */
  readonly #names: readonly string[];
  readonly #types: readonly ComputeType[];
  readonly #arrays: readonly string[];

  constructor(s: Source, merging: Merging, most: number) {
    this.#source = s;
    this.#merging = merging;
    this.#most = most;
    this.#names = merging.states.flat();
    this.#types = merging.folds.flatMap(({ types }) => types);
    this.#arrays = this.#types.map((type) => s.shared(type, most * merging.tile.kept));
  }

  #place(piece: string): string {
    const { tile, place } = this.#merging;
    if (tile.fast === "kept") return address([tile.kept, 1], [piece, place.column]);
    return address([this.#most, 1], [place.column, piece]);
  }

  write(piece: string): void {
    for (const [k, array] of this.#arrays.entries()) {
      this.#source.line(`${array}[${this.#place(piece)}] = ${this.#names[k]};`);
    }
  }

  /** Makes the states the merged ones of piece `first` and every `step`-th from there on, below `end`. */
  #read(first: string, step: number, end: number | string): void {
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

  /** Merges `pieces` pieces to the first `left` ones. */
  mergeTo(left: number, pieces: number | string): void {
    const { lane } = this.#merging.place;
    this.#source.if(`${lane} < ${left}`, () => {
      this.#read(lane, left, pieces);
      this.write(lane);
    });
    this.#source.barrier();
  }

  /** Makes the states of the lanes that are to have it the merged ones of all pieces. */
  readAll(pieces: number | string): void {
    const { who, place } = this.#merging;
    when(this.#source, who === "all" ? undefined : `${place.lane} == 0`, () => this.#read("0", 1, pieces));
  }
}
