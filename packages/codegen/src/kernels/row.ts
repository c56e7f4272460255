import { collapse, type KernelOutput, type NodeId, type RowKernel } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import type { ExpressionPrinter } from "../expression.ts";
import { address } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { perWord, Source } from "../source.ts";
import { combine } from "./combine.ts";
import { startStates, stateBytes, stepCost } from "./fold.ts";
import { type Reducing, Reductions, store } from "./reductions.ts";
import { type Element, type Item, RowElements } from "./rowElements.ts";
import { chooseTile, fastDimensions, type Place, placeOf, type Tile, when } from "./tile.ts";
import { unrollOf, walk } from "./walk.ts";

/** Elements of a row, and lines of code for them, up to which an invocation keeps its share in registers. */
const keptElements = 16;
const keptLines = 400;

/** Elements of an output that make a word which an invocation may write whole; 1 where it may not. */
const wordOf = ({ dtype, strides, over }: KernelOutput, { kernel, reduced }: Reductions): number => {
  const lanes = perWord(dtype);
  const last = kernel.shape.length - 1;
  const whole =
    over === undefined &&
    reduced.length > 0 &&
    (reduced[reduced.length - 1] as number) % lanes === 0 &&
    strides[last] === 1 &&
    strides.every((stride, d) => d === last || stride % lanes === 0);
  return whole ? lanes : 1;
};

/** The text of a row kernel while it is being written: the lanes of a tile share a row. */
class RowWriter {
  readonly #source: Source;
  readonly #reductions: Reductions;
  readonly #tile: Tile;
  readonly #place: Place;
  readonly #buffers: Buffers;
  /** Kept-level values, and where they stand. */
  readonly #kept: ExpressionPrinter;
  readonly #position: readonly string[];
  readonly #elements: RowElements;
  /** Full-level outputs. */
  readonly #full: readonly (KernelOutput & { readonly number: number; readonly word: number })[];
  /** Elements of an item, items of a row, and the invocation's own ones where they stay in registers. */
  readonly #each: number;
  readonly #items: number;
  readonly #own: readonly Item[] | undefined;
  /** Nodes at an element. */
  readonly #nodes: number;

  constructor(s: Source, reductions: Reductions, tile: Tile) {
    const { kernel, count, length } = reductions;
    this.#source = s;
    this.#reductions = reductions;
    this.#tile = tile;
    this.#buffers = new Buffers(s, kernel);
    this.#place = placeOf(s, tile, count);
    const { printer, position } = reductions.keptPrinter(s, this.#buffers, this.#place.kept);
    this.#kept = printer;
    this.#position = position;
    this.#elements = new RowElements(s, this.#buffers, reductions, printer, position);
    this.#full = kernel.outputs.flatMap((output, number) =>
      reductions.isKept(number) || length === 0 ? [] : [{ ...output, number, word: wordOf(output, reductions) }],
    );
    this.#each = Math.max(1, ...this.#full.map(({ word }) => word));
    this.#items = length / this.#each;
    this.#nodes = reductions.behind(kernel.nodes.map((_, id) => id)).inside.length;
    const share = Math.ceil(this.#items / tile.lanes);
    const elements = share * this.#each;
    const few = elements <= keptElements && elements * this.#nodes <= keptLines;
    this.#own = few ? Array.from({ length: share }, (_, k) => this.#ownItem(k)) : undefined;
  }

  /** The invocation's item number `k`; the row's last one where there is none left. */
  #ownItem(k: number): Item {
    const s = this.#source;
    const { lane } = this.#place;
    const { lanes } = this.#tile;
    const number = lanes === 1 ? `${k}` : k === 0 ? lane : s.let("int32", `${lane} + ${k * lanes}`, "i");
    if ((k + 1) * lanes <= this.#items) return this.#elements.item(number, this.#each);
    const last = s.let("int32", `min(${number}, ${this.#items - 1})`, "i");
    return this.#elements.item(last, this.#each, `${number} < ${this.#items}`);
  }

  /** Reads what kept-level outputs write over, before any invocation gets to write. */
  readFirst(): void {
    const { kernel } = this.#reductions;
    const inputs = kernel.outputs.flatMap(({ over }, i) =>
      over !== undefined && this.#reductions.isKept(i) ? [over] : [],
    );
    if (inputs.length === 0) return;
    kernel.nodes.forEach((node, id) => {
      if (node.op === "load" && inputs.includes(node.input)) this.#kept.value(id);
    });
    this.#source.barrier();
  }

  /** Folds the reductions of one pass over the row, and makes their results known. */
  fold(pass: readonly Reducing[]): void {
    const s = this.#source;
    const args = pass.map(({ arg }) => arg);
    const folds = pass.map(({ fold }) => fold);
    const { lane } = this.#place;
    const { lanes } = this.#tile;
    this.#know(args);
    const step = (states: readonly (readonly string[])[], { elements }: Item, values: readonly string[][]): void => {
      for (const [e, { place }] of elements.entries()) {
        for (const [k, fold] of folds.entries()) fold.step(s, states[k] as string[], values[e]?.[k] as string, place);
      }
    };
    let states: string[][];
    if (this.#own === undefined) {
      const { length } = this.#reductions;
      const span = { lane, lanes, start: 0, end: length, length, exact: true };
      states = walk(s, folds, span, unrollOf(this.#nodes + stepCost(folds)), (into, i) => {
        const item = this.#elements.item(i, 1);
        step(into, item, this.#elements.values(item, args));
      });
    } else {
      const values = this.#own.map((item) => this.#elements.values(item, args));
      states = startStates(s, folds, this.#each === 1 ? lane : `${lane} * ${this.#each}`);
      for (const [k, item] of this.#own.entries())
        when(s, item.guard, () => step(states, item, values[k] as string[][]));
    }
    combine(s, this.#tile, this.#place, folds, states, "all");
    this.#reductions.know(s, this.#kept, pass, states);
  }

  /** Writes the outputs along the row. */
  storeFull(): void {
    const s = this.#source;
    const { lane, exists } = this.#place;
    const nodes = this.#full.map(({ node }) => node);
    if (nodes.length === 0) return;
    this.#know(nodes);
    const own = this.#own?.map((item) => ({ item, values: this.#elements.values(item, nodes) }));
    when(s, exists, () => {
      for (const { item, values } of own ?? []) when(s, item.guard, () => this.#storeItem(item, values));
      if (own !== undefined) return;
      const each = (number: string): void => {
        const item = this.#elements.item(number, this.#each);
        this.#storeItem(item, this.#elements.values(item, nodes));
      };
      s.for(lane, this.#items, each, this.#tile.lanes);
    });
  }

  /** Writes the outputs that have one element for the row. */
  storeKept(): void {
    if (this.#reductions.kernel.outputs.every((_, i) => !this.#reductions.isKept(i))) return;
    when(this.#source, this.#place.first, () =>
      this.#reductions.storeKept(this.#source, this.#buffers, this.#kept, this.#position),
    );
  }

  /** Calculates the kept-level values that nodes ask for. */
  #know(nodes: readonly NodeId[]): void {
    for (const id of this.#reductions.behind(nodes).kept) this.#kept.value(id);
  }

  #storeItem({ elements }: Item, values: readonly (readonly string[])[]): void {
    const s = this.#source;
    for (const [k, { number, word, strides }] of this.#full.entries()) {
      for (let e = 0; e < elements.length; e += word) {
        const { position } = elements[e] as Element;
        const these = values.slice(e, e + word).map((list) => list[k] as string);
        if (word === 1) store(s, this.#buffers, this.#reductions.kernel, number, position, these[0] as string);
        else {
          const place = s.let("int32", `${address(strides, position)} / ${word}`, "o");
          this.#buffers.output(number, true).storeWord(place, these);
        }
      }
    }
  }
}

/**
 * Row kernels. Where each lane has few elements of its row, they stay in registers from the first reduction to the last store; else every
 * pass over the row reads them again.
 */
export const compileRow = (original: RowKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const kernel = collapse(original);
  const reductions = new Reductions(kernel);
  const { count, length, folds, passes } = reductions;
  if (count === 0) return { passes: [], scratch: [] };
  const tile = chooseTile({ count, length, fast: fastDimensions(kernel), state: stateBytes(folds) }, limits);
  const s = new Source(dialect, limits);
  const row = new RowWriter(s, reductions, tile);
  row.readFirst();
  for (const pass of passes) row.fold(pass);
  row.storeFull();
  row.storeKept();
  return { passes: [s.finish("row", tile.kept * tile.lanes, Math.ceil(count / tile.kept))], scratch: [] };
};
