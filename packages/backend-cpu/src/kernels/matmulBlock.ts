import type { FunctionBuilder } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import { i32 } from "../wasm/numeric.ts";
import type { Local } from "../wasm/value.ts";
import type { Element } from "./matmulElement.ts";
import { addTile, type TileLayout } from "./matmulTile.ts";

/** Rows that are packed together, and vectors in a row of a full panel of columns. */
export const quad = 4;
export const panelVectors = 4;

/** Where the operands of a block of tiles lie; distances in bytes. */
export interface BlockLayout extends Omit<TileLayout, "bStep"> {
  /** From one quad of rows to the next, in the left operand. */
  readonly aQuad: number;
  /** From panel to panel. */
  readonly bPanel: number;
  /** Vectors in a row of a last panel that is not full; 0 where all are. */
  readonly restVectors: number;
  /** Whether the number of rows is always a multiple of 4. */
  readonly wholeQuads: boolean;
}

/** Rows of the tile that suits a panel's width: 8 sums at most. */
const tileRows = (vectors: number): number => (vectors <= 2 ? 4 : 2);

/**
 * Adds a function `(a, b, c, rows, panels, hasRest, k, accumulate)`: the sums of `rows` rows and of `panels` panels, and the last panel
 * if `hasRest` is not 0. One panel stays in the first-level cache while all rows pass.
 */
export const addBlock = (module: ModuleBuilder, element: Element, layout: BlockLayout): FunctionBuilder => {
  const addPanel = (vectors: number): FunctionBuilder => {
    const bStep = 16 * vectors;
    const size = tileRows(vectors);
    const tile = addTile(module, element, { rows: size, vectors }, { ...layout, bStep });
    const single = layout.wholeQuads ? undefined : addTile(module, element, { rows: 1, vectors }, { ...layout, bStep });
    return module.add(undefined, Array<"i32">(6).fill("i32"), [], (f, ...params) => {
      const [a, b, c, rows, k, accumulate] = params as I[] as [I, I, I, I, I, I];
      f.while(
        () => i32.geS(rows, quad),
        () => {
          f.call(tile, a, b, c, k, accumulate);
          if (size < quad) {
            f.call(tile, i32.add(a, size * layout.aRow), b, i32.add(c, size * layout.cRow), k, accumulate);
          }
          f.increment(a, layout.aQuad);
          f.increment(c, quad * layout.cRow);
          f.increment(rows, -quad);
        },
      );
      if (single === undefined) return;
      if (size < quad) {
        f.if(i32.geS(rows, size), () => {
          f.call(tile, a, b, c, k, accumulate);
          f.increment(a, size * layout.aRow);
          f.increment(c, size * layout.cRow);
          f.increment(rows, -size);
        });
      }
      f.while(
        () => i32.gtS(rows, 0),
        () => {
          f.call(single, a, b, c, k, accumulate);
          f.increment(a, layout.aRow);
          f.increment(c, layout.cRow);
          f.increment(rows, -1);
        },
      );
    });
  };
  const full = addPanel(panelVectors);
  const last = layout.restVectors > 0 ? addPanel(layout.restVectors) : undefined;
  return module.add(undefined, Array<"i32">(8).fill("i32"), [], (f, ...params) => {
    const [a, b, c, rows, panels, hasRest, k, accumulate] = params as I[] as [I, I, I, I, I, I, I, I];
    f.while(
      () => i32.gtS(panels, 0),
      () => {
        f.call(full, a, b, c, rows, k, accumulate);
        f.increment(b, layout.bPanel);
        f.increment(c, 16 * panelVectors);
        f.increment(panels, -1);
      },
    );
    if (last !== undefined) f.if(hasRest, () => f.call(last, a, b, c, rows, k, accumulate));
  });
};

type I = Local<"i32">;
