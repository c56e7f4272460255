import type { Shape } from "@gradloom/backend";
import { unravel } from "../position.ts";
import type { Source } from "../source.ts";

/** Names of the coordinates of element number `index` (text of an int32 >= 0) of `shape`. */
export const coordinates = (s: Source, index: string, shape: Shape): string[] => {
  const dims = shape.flatMap((n, d) => (n === 1 ? [] : [d]));
  if (dims.length <= 1) return shape.map((n) => (n === 1 ? "0" : index));
  return unravel(s, s.let("uint32", s.dialect.toUint(index), "q"), shape);
};

/** Neighbouring positions along a space, from `first` (a name) on; aligned groups of four, where one of four is asked for. */
export class Neighbours {
  readonly #source: Source;
  readonly #shape: Shape;
  readonly #first: string;
  readonly #known = new Map<number, string[]>();
  /** The first position that does not count; undefined where all do. */
  readonly end: string | undefined;

  constructor(source: Source, shape: Shape, first: string, end?: string) {
    this.#source = source;
    this.#shape = shape;
    this.#first = first;
    this.end = end;
  }

  /** Names of the coordinates of position `first + offset`. */
  at(offset: number): string[] {
    let known = this.#known.get(offset);
    if (known === undefined) {
      known = this.#coordinates(offset);
      this.#known.set(offset, known);
    }
    return known;
  }

  /** Whether position `first + offset` counts; undefined where it does for certain. */
  condition(offset: number): string | undefined {
    if (this.end === undefined) return undefined;
    return offset === 0 ? `${this.#first} < ${this.end}` : `${this.#first} + ${offset} < ${this.end}`;
  }

  #coordinates(offset: number): string[] {
    const s = this.#source;
    const shape = this.#shape;
    if (offset === 0) return coordinates(s, this.#first, shape);
    const moved = (base: string): string => s.let("int32", `${base} + ${offset}`, "k");
    let last = shape.length - 1;
    while (last >= 0 && shape[last] === 1) last--;
    // Groups of four stay within the last dimension.
    if (last < 0 || (shape[last] as number) % 4 !== 0) return coordinates(s, moved(this.#first), shape);
    return this.at(0).map((base, d) => (d === last ? moved(base) : base));
  }
}
