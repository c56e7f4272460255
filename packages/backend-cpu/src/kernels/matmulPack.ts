import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import { i8x16, v128 } from "../wasm/simd.ts";
import type { I32, Local, V128 } from "../wasm/value.ts";
import type { Element } from "./matmulElement.ts";

/** How panels are cut out of an operand; distances in bytes. */
export interface PackLayout {
  /** Elements of a panel's row. */
  readonly width: number;
  /** From element to element of a panel's row in the operand, and from row to row. */
  readonly across: number;
  readonly along: number;
  /** From panel to panel. */
  readonly panelBytes: number;
  /** Elements (0 to width - 1) of the last panel, when the operand ends in it. */
  readonly rest: number;
  /** Vectors in a row of that last panel. */
  readonly restVectors: number;
}

/** Rows that are read across all panels before going on: few enough for their pages to stay in the address cache. */
const chunk = 16;

/**
 * Adds a function `(source, target, panels, rest, k)`: copies `panels` full panels, and the last one if `rest` is not 0, of `k` rows
 * each. A panel's row holds the elements that a tile takes in one step; missing ones of the last panel's row are 0.
 */
export const addPack = (module: ModuleBuilder, element: Element, layout: PackLayout): FunctionBuilder => {
  const { width, across, along, panelBytes, rest, restVectors } = layout;
  const vectors = width / element.lanes;
  const addPanel = (rowVectors: number, present: number): FunctionBuilder =>
    module.add(undefined, ["i32", "i32", "i32"], [], (f, source, target, k) => {
      const packer = new PanelPacker(f, element, layout, source, target, rowVectors, present);
      if (along === element.bytes && across !== element.bytes && element.lanes === 4) packer.transposing(k);
      else packer.rowByRow(k);
    });
  const full = addPanel(vectors, width);
  const last = rest > 0 ? addPanel(restVectors, rest) : full;
  return module.add(undefined, ["i32", "i32", "i32", "i32", "i32"], [], (f, source, target, panels, hasRest, k) => {
    const panel = f.local("i32");
    const eachPanel = (from: Local<"i32">, into: Local<"i32">, rows: Local<"i32">): void =>
      f.loop(panel, 0, panels, 1, () => {
        f.call(full, from, into, rows);
        f.increment(from, width * across);
        f.increment(into, panelBytes);
      });
    if (across !== element.bytes) {
      eachPanel(source, target, k);
      if (rest > 0) f.if(hasRest, () => f.call(last, source, target, k));
      return;
    }
    // Every row is one stretch of memory over all panels. The last panel's rows are narrower, so it is packed in one go.
    const row = f.local("i32");
    f.loop(row, 0, k, chunk, () => {
      const rows = f.i32(i32.sub(k, row));
      f.if(i32.gtU(rows, chunk), () => f.set(rows, i32.const(chunk)));
      eachPanel(f.i32(i32.add(source, i32.mul(row, along))), f.i32(i32.add(target, i32.mul(row, 16 * vectors))), rows);
    });
    if (rest > 0) {
      f.if(hasRest, () =>
        f.call(last, i32.add(source, i32.mul(panels, width * across)), i32.add(target, i32.mul(panels, panelBytes)), k),
      );
    }
  });
};

/** Writes the code that copies one panel. */
class PanelPacker {
  private readonly f: FunctionBuilder;
  private readonly element: Element;
  private readonly layout: PackLayout;
  private readonly source: Local<"i32">;
  private readonly target: Local<"i32">;
  private readonly vectors: number;
  private readonly present: number;

  constructor(
    f: FunctionBuilder,
    element: Element,
    layout: PackLayout,
    source: Local<"i32">,
    target: Local<"i32">,
    vectors: number,
    present: number,
  ) {
    this.f = f;
    this.element = element;
    this.layout = layout;
    this.source = source;
    this.target = target;
    this.vectors = vectors;
    this.present = present;
  }

  rowByRow(k: Local<"i32">): void {
    const { f } = this;
    const { along } = this.layout;
    f.while(
      () => i32.gtS(k, 0),
      () => {
        for (let j = 0; j < this.vectors; j++) f.store(this.target, this.gather(j), 16 * j);
        f.increment(this.source, along);
        f.increment(this.target, 16 * this.vectors);
        f.increment(k, -1);
      },
    );
  }

  /** Four rows at a time, for operands whose rows lie side by side in memory. */
  transposing(k: Local<"i32">): void {
    const { f } = this;
    const { along } = this.layout;
    f.while(
      () => i32.geS(k, 4),
      () => {
        for (let j = 0; j < this.vectors; j++) {
          const columns = Array.from({ length: 4 }, (_, lane) => {
            const at = 4 * j + lane;
            return f.local("v128", at < this.present ? this.at(at, v128.load) : this.element.zero());
          });
          transpose(f, columns).forEach((row, i) => {
            f.store(this.target, row, 16 * (j + i * this.vectors));
          });
        }
        f.increment(this.source, 4 * along);
        f.increment(this.target, 64 * this.vectors);
        f.increment(k, -4);
      },
    );
    this.rowByRow(k);
  }

  /** Vector `j` of the current row. */
  private gather(j: number): V128 {
    const { lanes, bytes, loadOne, loadLane, zero } = this.element;
    const count = Math.min(lanes, this.present - lanes * j);
    if (count <= 0) return zero();
    if (count === lanes && this.layout.across === bytes) return this.at(lanes * j, v128.load);
    let vector = this.at(lanes * j, loadOne);
    for (let lane = 1; lane < count; lane++) {
      const before = vector;
      vector = this.at(lanes * j + lane, (address, offset) => loadLane(address, before, lane, offset));
    }
    return vector;
  }

  /** What `load` gives for element `i` of the current row. */
  private at(i: number, load: (address: I32, offset: number) => V128): V128 {
    const offset = i * this.layout.across;
    return offset < 0 ? load(i32.add(this.source, offset), 0) : load(this.source, offset);
  }
}

const lanesOf = (lanes: readonly number[]): number[] => lanes.flatMap((lane) => [0, 1, 2, 3].map((i) => 4 * lane + i));
const interleaveLow = lanesOf([0, 4, 1, 5]);
const interleaveHigh = lanesOf([2, 6, 3, 7]);
const lowHalves = lanesOf([0, 1, 4, 5]);
const highHalves = lanesOf([2, 3, 6, 7]);

/** The rows of the 4 x 4 matrix that has these columns. */
const transpose = (f: FunctionBuilder, columns: readonly Local<"v128">[]): V128[] => {
  const [a, b, c, d] = columns as readonly V128[] as [V128, V128, V128, V128];
  const pair = (x: V128, y: V128, order: readonly number[]): V128 => f.local("v128", i8x16.shuffle(x, y, order));
  const abLow = pair(a, b, interleaveLow);
  const cdLow = pair(c, d, interleaveLow);
  const abHigh = pair(a, b, interleaveHigh);
  const cdHigh = pair(c, d, interleaveHigh);
  return [
    i8x16.shuffle(abLow, cdLow, lowHalves),
    i8x16.shuffle(abLow, cdLow, highHalves),
    i8x16.shuffle(abHigh, cdHigh, lowHalves),
    i8x16.shuffle(abHigh, cdHigh, highHalves),
  ];
};
