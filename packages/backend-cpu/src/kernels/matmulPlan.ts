import { panelVectors, quad } from "./matmulBlock.ts";
import { type Element, elementOf } from "./matmulElement.ts";
import type { MatmulProblem } from "./matmulProblem.ts";
import { batchSize } from "./matmulProblem.ts";

/** Where the panels of an operand come from. */
export type Source =
  /** The operand itself, whose rows a tile reads in place. */
  | "direct"
  /** Packed by each unit into the memory of its thread. */
  | "unit"
  /** Packed once into scratch memory before all units. */
  | "shared";

/** How a product is cut into blocks. */
export interface MatmulPlan {
  readonly element: Element;
  readonly left: Source;
  readonly right: Source;
  /** Rows and columns of the result that a unit calculates. */
  readonly rows: number;
  readonly columns: number;
  /** Steps of k that a panel holds: few enough for a panel to stay in the first-level cache. */
  readonly depth: number;
  /** Parts of k whose sums are calculated apart, and the steps of k in each: a multiple of `depth`. */
  readonly splits: number;
  readonly splitDepth: number;
}

const mostDepth = 256;
/** Right matrices for so few rows are packed by the units, which then take all rows. */
const fewRows = 192;
/** So do larger matrices (bytes), rather than being kept a second time in packed form, as long as the sums of all rows fit (bytes). */
const mostShared = 1 << 27;
const mostSums = 1 << 20;
/** Multiply-adds that are worth a unit of their own, and units that are enough for every machine. */
const unitWork = 1 << 20;
const mostUnits = 64;

const ceilTo = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** Pieces of equal size, but for rounding, none longer than `most`. */
const piece = (n: number, most: number, multiple: number): number =>
  ceilTo(Math.ceil(n / Math.max(1, Math.ceil(n / most))), multiple);

export const matmulPlan = (problem: MatmulProblem, relaxed: boolean): MatmulPlan => {
  const { m, n, k, left } = problem;
  const element = elementOf(problem.type, relaxed);
  const width = panelVectors * element.lanes;
  const batch = batchSize(problem);
  const depth = Math.max(4, piece(k, mostDepth, 4));
  const wanted = Math.max(1, Math.min(mostUnits, Math.floor((batch * m * n * k) / unitWork)));
  const direct = left.inner === 1 && left.outer >= 0;
  const perBatch = Math.ceil(wanted / batch);
  const bytes = element.bytes;
  const large = batch * k * n * bytes > mostShared && m * 2 * width * bytes <= mostSums;
  const few = m <= fewRows || large;
  const fit = large ? Math.floor(mostSums / (m * bytes * width)) * width : n;
  const columns = few
    ? Math.max(2 * width, piece(n, Math.max(1, Math.min(fit, n / perBatch)), width))
    : piece(n, 512, width);
  const columnBlocks = Math.ceil(n / columns);
  const rows = few ? m : Math.max(16, Math.min(96, piece(m, Math.max(1, (m * columnBlocks) / perBatch), quad)));
  const units = batch * Math.ceil(m / rows) * columnBlocks;
  const splits = units >= 8 ? 1 : Math.max(1, Math.min(Math.ceil(k / (4 * depth)), Math.ceil(wanted / units), 32));
  const splitDepth = Math.max(depth, ceilTo(Math.ceil(k / splits), depth));
  return {
    element,
    left: direct ? "direct" : columnBlocks > 1 && few ? "shared" : "unit",
    right: few ? "unit" : "shared",
    rows,
    columns,
    depth,
    splits: Math.max(1, Math.ceil(k / splitDepth)),
    splitDepth,
  };
};
