import { sizeOf } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import { unravel } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { invocation, Source } from "../source.ts";
import { addProduct, offsets, upTo, zeroSums } from "./accumulators.ts";
import { count } from "./affine.ts";
import { depthRange, eachOuter, inBlocks } from "./depth.ts";
import { coordinates, Neighbours } from "./neighbours.ts";
import { Outputs } from "./outputs.ts";
import { Partials } from "./partials.ts";
import { operandDirection, Places } from "./places.ts";
import { accumulatorType, depthOf, type Product } from "./product.ts";
import { slicesFor } from "./tiles.ts";
import { Walk } from "./walk.ts";

const workgroup = 64;
/** Rows that one invocation has at most. */
const mostRows = 4;
/** Invocations that keep a device busy: one that runs subgroups as lanes of vector instructions, and others. */
const fewInvocations = 128;
const manyInvocations = 16384;
const leastSlice = 64;

/** The largest number of neighbouring rows up to `mostRows` that leaves none over. */
const rowsOf = ({ sizes }: Product): number => {
  const last = sizes.row.filter((n) => n !== 1).at(-1) ?? 1;
  for (let rows = mostRows; rows > 1; rows--) if (last % rows === 0) return rows;
  return 1;
};

const scaled = (s: Source, number: string, by: number): string =>
  by === 1 ? number : s.let("int32", `${number} * ${by}`, "first");

/**
 * A product of many small matrices, one for each channel, without sharing: an invocation has four neighbours of the batch where they lie
 * together, and a few rows.
 */
export const compileDirect = (product: Product, dialect: Dialect, limits: Limits): GpuProgram => {
  const { sizes, kernel } = product;
  if (sizeOf(kernel.shape) === 0) return { passes: [], scratch: [] };
  const s = new Source(dialect, limits);
  const type = accumulatorType(product);
  const directions = ["batch"] as const;
  const together = operandDirection(product, "left", directions) === "batch" ? 4 : 1;
  const rows = rowsOf(product);
  const groups = [count(sizes, "row") / rows, count(sizes, "column"), count(sizes, "batch") / together];
  const wanted = limits.subgroup > 0 && limits.subgroup <= 8 ? fewInvocations : manyInvocations;
  const slices = depthOf(product) === 0 ? 1 : slicesFor(product, wanted / sizeOf(groups), leastSlice, 1);
  const partials = slices === 1 ? undefined : new Partials(product, slices, ["row", "column", "batch"], together);
  const places = new Places(s, product, {
    left: together === 4 ? directions : [],
    right: together === 4 ? directions : [],
    outputs: partials !== undefined ? undefined : together === 4 ? "batch" : "single",
  });
  const items = sizeOf(groups) * slices;
  const id = s.let("uint32", `${invocation.group} * ${workgroup}u + ${invocation.local}`, "id");
  s.line(`if (${id} >= ${items}u) { return; }`);
  const [slice, rowGroup, column, group] = unravel(s, id, [slices, ...groups]) as [string, string, string, string];
  const own = { slice, column, row: scaled(s, rowGroup, rows), batch: scaled(s, group, together) };
  const rowNames = offsets(s, own.row, upTo(rows), "row");
  const rowAt = rowNames.map((name) => coordinates(s, name, sizes.row));
  const columnAt = coordinates(s, column, sizes.column);
  const neighbours = new Neighbours(s, sizes.batch, own.batch);
  const batchAt = upTo(together).map((i) => neighbours.at(i));
  const sums = zeroSums(s, type, rows, together);
  const isVector = { left: places.direction("left") === "batch", right: places.direction("right") === "batch" };

  /** One walk for all neighbours of the batch, or one each. */
  const walks = (side: "left" | "right", space: "row" | "column", at: readonly string[]): Walk[] => {
    const start = Walk.start(s, product[side].access, sizes).enter(space, at);
    return (isVector[side] ? batchAt.slice(0, 1) : batchAt).map((batch) => start.enter("batch", batch));
  };
  const load = (side: "left" | "right", list: readonly Walk[], inner: readonly string[]): string[] => {
    const { input } = product[side];
    const whole = list.map((walk) => walk.enter("inner", inner));
    return isVector[side] ? places.loadVector(input, whole[0] as Walk) : whole.map((walk) => places.load(input, walk));
  };
  const left = rowAt.map((at) => walks("left", "row", at));
  const right = walks("right", "column", columnAt);
  const range = depthRange(s, product, slice, slices, 1);
  eachOuter(s, product, batchAt[0] as string[], (outer) => {
    const enter = (list: readonly Walk[]): Walk[] => list.map((walk) => walk.enter("outer", outer));
    const [leftHere, rightHere] = [left.map(enter), enter(right)];
    inBlocks(s, product, range, sums, (from, to, totals) => {
      s.for(from, to, (k) => {
        const inner = new Neighbours(s, sizes.inner, k).at(0);
        const y = load("right", rightHere, inner);
        leftHere.forEach((list, i) => {
          const x = load("left", list, inner);
          for (const j of upTo(together)) addProduct(s, type, totals[i]?.[j] as string, x[j] as string, y[j] as string);
        });
      });
    });
  });
  if (partials === undefined) {
    const outputs = new Outputs(s, product, places, { column: columnAt }, "batch", "row");
    const finish = outputs.begin(batchAt);
    for (const [i, at] of rowAt.entries()) finish(sums[i] as string[], at);
    return { passes: [s.finish("product", workgroup, Math.ceil(items / workgroup))], scratch: [] };
  }
  const write = partials.writer(s);
  for (const [i, row] of rowNames.entries()) write(slice, { row, column, batch: own.batch }, sums[i] as string[]);
  const parts = s.finish("parts of a product", workgroup, Math.ceil(items / workgroup));
  return { passes: [parts, partials.sum(dialect, limits)], scratch: [partials.bytes] };
};
