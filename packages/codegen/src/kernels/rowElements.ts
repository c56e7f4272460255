import type { NodeId } from "@gradloom/backend";
import type { Buffers } from "../buffers.ts";
import { ExpressionPrinter } from "../expression.ts";
import type { Source } from "../source.ts";
import type { Reductions } from "./reductions.ts";

/** One element of a row, as an invocation sees it. */
export interface Element {
  /** Its place in the reduced range. */
  readonly place: string;
  readonly position: readonly string[];
  readonly printer: ExpressionPrinter;
}

/** Neighbouring elements that one invocation has, so that it can write whole words; `guard` says whether they exist. */
export interface Item {
  readonly elements: readonly Element[];
  readonly guard: string | undefined;
}

/** The elements of the row that the kept values in `kept` belong to. */
export class RowElements {
  readonly #source: Source;
  readonly #buffers: Buffers;
  readonly #reductions: Reductions;
  readonly #kept: ExpressionPrinter;
  readonly #position: readonly string[];

  constructor(
    s: Source,
    buffers: Buffers,
    reductions: Reductions,
    kept: ExpressionPrinter,
    position: readonly string[],
  ) {
    this.#source = s;
    this.#buffers = buffers;
    this.#reductions = reductions;
    this.#kept = kept;
    this.#position = position;
  }

  /** The element at a place of the reduced range (an int32). */
  at(place: string): Element {
    return this.#element(place, this.#reductions.reducedPosition(this.#source, place));
  }

  /** Item number `number` (an int32), of `each` elements that are neighbours along the last dimension. */
  item(number: string, each: number, guard?: string): Item {
    if (each === 1) return { elements: [this.at(number)], guard };
    const s = this.#source;
    const first = this.at(s.let("int32", `${number} * ${each}`, "e"));
    const leading = first.position.slice(this.#position.length, -1);
    const last = first.position[first.position.length - 1] as string;
    const elements = Array.from({ length: each }, (_, k): Element => {
      if (k === 0) return first;
      const shift = (name: string): string => s.let("int32", `${name} + ${k}`, "e");
      const along = shift(last);
      return this.#element(leading.length === 0 ? along : shift(first.place), [...leading, along]);
    });
    return { elements, guard };
  }

  /** Values of nodes at each element of an item, whose kept-level values are known. */
  values({ elements }: Item, nodes: readonly NodeId[]): string[][] {
    return elements.map(({ printer }) => {
      for (const [id, name] of this.#kept.known) printer.known.set(id, name);
      return nodes.map((id) => printer.value(id));
    });
  }

  #element(place: string, along: readonly string[]): Element {
    const position = [...this.#position, ...along];
    const { kernel } = this.#reductions;
    const printer = new ExpressionPrinter(this.#source, kernel, this.#buffers, { position }, this.#kept.known);
    return { place, position, printer };
  }
}
