import type { Source } from "../source.ts";
import { count, type Space } from "./affine.ts";
import { coordinates, type Neighbours } from "./neighbours.ts";
import type { Direction, Places } from "./places.ts";
import type { Product } from "./product.ts";
import { Walk } from "./walk.ts";

/** Reads blocks of an operand: `lines` neighbouring rows of the left one, or columns of the right one, at some depths. */
export class Reader {
  readonly direction: Direction | undefined;
  readonly #source: Source;
  readonly #product: Product;
  readonly #places: Places;
  readonly side: "left" | "right";
  readonly space: Space;

  constructor(source: Source, product: Product, places: Places, side: "left" | "right") {
    this.#source = source;
    this.#product = product;
    this.#places = places;
    this.side = side;
    this.space = side === "left" ? "row" : "column";
    this.direction = places.direction(side);
  }

  start(batch: readonly string[]): Walk {
    const { sizes } = this.#product;
    return Walk.start(this.#source, this.#product[this.side].access, sizes).enter("batch", batch);
  }

  /**
   * The lines from `first` on, one walk each, or one for all where four are read together; those beyond the last one, if `clamp` says that
   * there may be some, read what exists.
   */
  lines(from: Walk, first: string, lines: number, clamp: boolean): Walk[] {
    const s = this.#source;
    const { sizes } = this.#product;
    const size = count(sizes, this.space);
    const together = this.direction === "line" ? 4 : 1;
    return Array.from({ length: lines / together }, (_, j) => {
      const text = j === 0 ? first : `${first} + ${j * together}`;
      const line = clamp
        ? s.let("int32", `min(${text}, ${size - together})`, "line")
        : j === 0
          ? first
          : s.let("int32", text, "line");
      return from.enter(this.space, coordinates(s, line, sizes[this.space]));
    });
  }

  /** The elements [depth][line] of a block of lines; those that are not part of the sum are 0. */
  block(lines: readonly Walk[], depths: Neighbours, length: number): string[][] {
    const at = (walk: Walk, u: number): Walk => {
      const inner = walk.enter("inner", depths.at(u));
      const condition = depths.condition(u);
      return condition === undefined ? inner : inner.under(condition);
    };
    const { input } = this.#product[this.side];
    const steps = Array.from({ length }, (_, u) => u);
    if (this.direction === "depth") {
      const vectors = lines.map((walk) => this.#places.loadVector(input, at(walk, 0)));
      return steps.map((u) => vectors.map((vector) => vector[u] as string));
    }
    return steps.map((u) =>
      this.direction === "line"
        ? lines.flatMap((walk) => this.#places.loadVector(input, at(walk, u)))
        : lines.map((walk) => this.#places.load(input, at(walk, u))),
    );
  }
}
