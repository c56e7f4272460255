import type { Limits } from "../program.ts";
import { count } from "./affine.ts";
import { operandDirection, outputDirection } from "./places.ts";
import { accumulatorType, depthOf, type Product, transposedProduct } from "./product.ts";

interface Common {
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** Rows and columns of a workgroup. */
  readonly height: number;
  readonly width: number;
  /** Rows and columns of an invocation. */
  readonly rows: number;
  readonly columns: number;
  /** Parts into which each sum is cut; they are added up in another pass. */
  readonly slices: number;
}

/** All invocations have the same rows; what they need of the left operand is broadcast within `lanes` invocations. */
export interface LaneTile extends Common {
  readonly kind: "lane";
  readonly lanes: number;
}

/** Invocations form a grid and share `depth` elements of each of the workgroup's rows and columns. */
export interface SharedTile extends Common {
  readonly kind: "shared";
  readonly depth: number;
}

export type Tile = LaneTile | SharedTile;

/** How a product is spread over workgroups, and the product seen so that the tile fits it: perhaps with rows and columns exchanged. */
export interface Plan {
  readonly product: Product;
  readonly tile: Tile;
}

/** Subgroups up to this width do with broadcasts. */
const widestLanes = 8;

export const choosePlan = (product: Product, limits: Limits): Plan => {
  const lanes = limits.subgroup >= 4 && limits.subgroup <= widestLanes ? limits.subgroup : 0;
  const products = [product, transposedProduct(product)];
  return lanes > 0 ? chooseLanes(products, lanes, limits) : chooseShared(products, limits);
};

/** Nanoseconds on a software driver: of reading four neighbours, of reading one, of a multiplication, and of starting a workgroup. */
const cost = { vector: 30, single: 16, multiply: 0.5, broadcast: 0.4, start: 500, store: 6 } as const;

/** Subgroups that share a workgroup, at most. */
const widestGroup = 8;
/** Subgroups of work below which sums are cut, and the least depth of a part. */
const fewSubgroups = 8;
const leastSlice = 512;

const laneCost = (product: Product, lanes: number, rows: number, columns: number): number => {
  const { sizes } = product;
  const [left, right] = [operandDirection(product, "left"), operandDirection(product, "right")];
  const along = outputDirection(product);
  const four = (yes: boolean, elements: number): number =>
    yes ? Math.ceil(elements / 4) * cost.vector : elements * cost.single;
  const leftVector = left === "depth" || (left === "line" && rows % 4 === 0);
  const rightVector = right === "depth" || (right === "line" && columns === 4);
  const step =
    four(leftVector, Math.ceil((4 * rows) / lanes / (leftVector ? 4 : 1)) * (leftVector ? 4 : 1)) +
    four(rightVector, 4 * columns) +
    4 * rows * (cost.broadcast + columns * cost.multiply);
  const stores = (along === "row" ? rows % 4 === 0 : columns === 4) ? cost.vector / 4 : cost.single;
  const tiles = Math.ceil(count(sizes, "row") / rows) * Math.ceil(count(sizes, "column") / (lanes * columns));
  return tiles * ((depthOf(product) / 4) * step + cost.start + rows * columns * stores);
};

const chooseLanes = (products: readonly Product[], lanes: number, limits: Limits): Plan => {
  let best: { cost: number; product: Product; rows: number; columns: number } | undefined;
  for (const product of products) {
    for (const rows of [8, 4, 2, 1]) {
      for (const columns of [4, 1]) {
        const now = laneCost(product, lanes, rows, columns);
        if (best === undefined || now < best.cost) best = { cost: now, product, rows, columns };
      }
    }
  }
  const { product, rows, columns } = best as NonNullable<typeof best>;
  const { sizes } = product;
  const batches = count(sizes, "batch") * Math.ceil(count(sizes, "row") / rows);
  const subgroups = Math.ceil(count(sizes, "column") / (lanes * columns));
  const most = Math.min(widestGroup, Math.floor(limits.workgroup / lanes));
  const together = Math.ceil(subgroups / Math.ceil(subgroups / (batches >= 4 * fewSubgroups ? most : 1)));
  const workgroup = lanes * together;
  const tiles = batches * Math.ceil(subgroups / together);
  const slices = tiles >= fewSubgroups ? 1 : slicesFor(product, fewSubgroups / tiles, leastSlice, 4);
  const tile: LaneTile = {
    kind: "lane",
    lanes,
    workgroup,
    height: rows,
    width: workgroup * columns,
    rows,
    columns,
    slices,
  };
  return { product, tile };
};

/** Elements of the innermost space in a part, when it is cut into about `slices`. */
export const sliceLength = ({ sizes }: Product, slices: number, unit: number): number =>
  Math.ceil(count(sizes, "inner") / slices / unit) * unit;

/** About as many parts as wanted, none of them empty. */
export const slicesFor = (product: Product, wanted: number, least: number, unit: number): number => {
  const size = count(product.sizes, "inner");
  const slices = Math.max(1, Math.min(Math.ceil(wanted), Math.floor(size / least)));
  return slices === 1 ? 1 : Math.ceil(size / sliceLength(product, slices, unit));
};

/** Tiles of growing size; the largest one that leaves enough workgroups is taken. */
const sharedTiles = [
  { height: 16, width: 64, rows: 4, depth: 32 },
  { height: 32, width: 32, rows: 4, depth: 32 },
  { height: 64, width: 64, rows: 4, depth: 16 },
  { height: 128, width: 64, rows: 8, depth: 16 },
] as const;

/** Workgroups that keep a large device busy, and the least depth of a part of a sum. */
const manyGroups = 128;
const leastSharedSlice = 256;

const chooseShared = (products: readonly Product[], limits: Limits): Plan => {
  // The wider side is that of the columns; outputs are written along them where both sides are alike.
  const [given, turned] = products as [Product, Product];
  const [rows, columns] = [count(given.sizes, "row"), count(given.sizes, "column")];
  const thin = Math.min(rows, columns) < 32;
  const turn = thin ? rows > columns : outputDirection(given) === "row";
  const product = turn ? turned : given;
  const tiles = (height: number, width: number): number =>
    count(product.sizes, "batch") *
    Math.ceil(count(product.sizes, "row") / height) *
    Math.ceil(count(product.sizes, "column") / width);
  const bytes = accumulatorType(product) === "float64" ? 8 : 4;
  const fits = sharedTiles.filter(
    ({ height, width, rows, depth }) =>
      (height * width) / (4 * rows) <= limits.workgroup && (height + width) * depth * bytes <= limits.sharedBytes,
  );
  const waste = (size: number, by: number): number => (Math.ceil(size / by) * by) / size;
  let best = fits[0] as (typeof sharedTiles)[number];
  for (const tile of fits) {
    const size = (one: typeof tile): number =>
      waste(count(product.sizes, "row"), one.height) * waste(count(product.sizes, "column"), one.width);
    if (tiles(tile.height, tile.width) >= manyGroups && size(tile) <= 1.25 * size(best)) best = tile;
    else if (tile.height <= 32 && size(tile) < size(best)) best = tile;
  }
  const { height, width, depth } = best;
  const groups = tiles(height, width);
  const slices = 2 * groups > manyGroups ? 1 : slicesFor(product, manyGroups / groups, leastSharedSlice, depth);
  const workgroup = (height * width) / (4 * best.rows);
  return { product, tile: { kind: "shared", depth, workgroup, height, width, rows: best.rows, columns: 4, slices } };
};
