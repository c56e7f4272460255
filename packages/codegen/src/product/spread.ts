import type { Shape } from "@gradloom/backend";
import { invocation, type Source } from "../source.ts";
import { upTo } from "./accumulators.ts";
import { Neighbours } from "./neighbours.ts";
import type { Reader } from "./reader.ts";
import type { Walk } from "./walk.ts";

/** What one invocation reads: lines, and how much deeper than the first position. */
export interface Share {
  readonly walks: readonly Walk[];
  readonly deeper: number | string;
}

/**
 * A block of the left operand, `rows` times `depth` elements, that the first `lanes` invocations of each subgroup hold together; the
 * others repeat it. An element is had by broadcasting. All sizes are powers of two.
 */
export class Spread {
  readonly #source: Source;
  readonly #reader: Reader;
  readonly #lanes: number;
  /** Neighbouring lines in a unit, and units side by side at one depth. */
  readonly #linesEach: number;
  readonly #groups: number;
  readonly #shares: readonly Share[];

  /** `first` names the first row. */
  constructor(
    source: Source,
    reader: Reader,
    from: Walk,
    first: string,
    { rows, depth, lanes, clamp }: { rows: number; depth: number; lanes: number; clamp: boolean },
  ) {
    const s = source;
    this.#source = s;
    this.#reader = reader;
    this.#lanes = lanes;
    this.#linesEach = reader.direction === "line" ? 4 : 1;
    this.#groups = rows / this.#linesEach;
    const layers = reader.direction === "depth" ? 1 : depth;
    const groups = this.#groups;
    const lane = s.let("int32", s.dialect.toInt(`(${invocation.lane} & ${lanes - 1}u)`), "lane");
    const line = (group: string): Walk[] => {
      const offset = this.#linesEach === 1 ? group : `${group} * ${this.#linesEach}`;
      return reader.lines(from, s.let("int32", `${first} + ${offset}`, "line"), this.#linesEach, clamp);
    };
    const rest = (by: number): string => (by === 1 ? "0" : by >= lanes ? lane : `(${lane} & ${by - 1})`);
    if (groups > lanes) {
      const across = groups / lanes;
      const columns = upTo(across).map((i) => line(i === 0 ? lane : `(${lane} + ${i * lanes})`));
      this.#shares = upTo(across * layers).map((slot) => ({
        walks: columns[slot % across] as Walk[],
        deeper: Math.floor(slot / across),
      }));
      return;
    }
    const walks = line(rest(groups));
    const each = Math.min(lanes / groups, layers);
    const own = each === 1 ? undefined : `((${lane} / ${groups}) & ${each - 1})`;
    this.#shares = upTo(layers / each).map((slot) => {
      if (own === undefined) return { walks, deeper: slot };
      return { walks, deeper: s.let("int32", slot === 0 ? own : `${own} + ${slot * each}`, "deeper") };
    });
  }

  enterOuter(at: readonly string[]): Share[] {
    const entered = new Map<readonly Walk[], Walk[]>();
    return this.#shares.map(({ walks, deeper }) => {
      let here = entered.get(walks);
      if (here === undefined) {
        here = walks.map((walk) => walk.enter("outer", at));
        entered.set(walks, here);
      }
      return { walks: here, deeper };
    });
  }

  /** Reads the block at the depth that `k` names; the function returned gives the text of an element's broadcast value. */
  read(shares: readonly Share[], k: string, inner: Shape): (row: number, depth: number) => string {
    const s = this.#source;
    const { direction } = this.#reader;
    const held = shares.map(({ walks, deeper }) => {
      const at = deeper === 0 ? k : s.let("int32", `${k} + ${deeper}`, "k");
      return this.#reader.block(walks, new Neighbours(s, inner, at), direction === "depth" ? 4 : 1);
    });
    return (row, depth) => {
      const unit = direction === "depth" ? row : depth * this.#groups + Math.floor(row / this.#linesEach);
      const block = held[Math.floor(unit / this.#lanes)] as string[][];
      const element = direction === "depth" ? block[depth]?.[0] : block[0]?.[row % this.#linesEach];
      return s.dialect.broadcast(element as string, unit % this.#lanes);
    };
  }
}
