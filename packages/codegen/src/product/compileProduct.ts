import { sizeOf } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import { unravel } from "../position.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { invocation, Source } from "../source.ts";
import { count, dependsOn } from "./affine.ts";
import { laneTile } from "./laneTile.ts";
import { coordinates } from "./neighbours.ts";
import { Outputs } from "./outputs.ts";
import { Partials } from "./partials.ts";
import { type Direction, operandDirection, outputDirection, Places, type Use } from "./places.ts";
import { accumulatorType, loadedInputs, type Product } from "./product.ts";
import { sharedTile } from "./sharedTile.ts";
import { choosePlan, type Tile } from "./tiles.ts";
import { loopOverSums, visitSums } from "./visit.ts";

/** Which ways of reading four elements of an operand at a time suit a tile. */
const suitable = (product: Product, { kind, rows, columns }: Tile): Pick<Use, "left" | "right"> => {
  const left: readonly Direction[] = rows % 4 === 0 ? ["line", "depth"] : ["depth"];
  const right: readonly Direction[] = columns === 4 ? ["line", "depth"] : ["depth"];
  // Where most is read one by one, it is read one depth after another.
  const isSingle = kind === "lane" && operandDirection(product, "right", right) === undefined;
  return { left: isSingle ? [] : left, right };
};

/** Buffers that a short expression reads and writes, and its nodes. */
const fewBuffers = 3;
const fewNodes = 12;

const isLong = (product: Product): boolean =>
  loadedInputs(product).length + product.kernel.outputs.length > fewBuffers || product.kernel.nodes.length > fewNodes;

/** The passes of a product: one, or two where the sums are cut into parts. */
export const compileProduct = (given: Product, dialect: Dialect, limits: Limits): GpuProgram => {
  if (sizeOf(given.kernel.shape) === 0) return { passes: [], scratch: [] };
  const { product, tile } = choosePlan(given, limits);
  const { sizes } = product;
  const along = outputDirection(product);
  const existTogether = product.inside.every(({ index }) => !dependsOn(index, along, sizes));
  const inFours = [count(sizes, along), along === "row" ? tile.rows : tile.columns].every((n) => n % 4 === 0);
  const together = existTogether && inFours ? 4 : 1;
  const isLoop = tile.kind === "lane" && tile.slices === 1 && isLong(product);
  const s = new Source(dialect, limits);
  const across = along === "row" ? "column" : "row";
  const partials =
    tile.slices === 1 ? undefined : new Partials(product, tile.slices, ["batch", across, along], together);
  const places = new Places(s, product, {
    ...suitable(product, tile),
    outputs: partials !== undefined ? undefined : together === 4 && !isLoop ? along : "single",
  });
  const tiles = [tile.slices, count(sizes, "batch"), Math.ceil(count(sizes, "row") / tile.height)];
  const shape = [...tiles, Math.ceil(count(sizes, "column") / tile.width)];
  const groups = sizeOf(shape);
  if (groups > limits.groups) s.line(`if (${invocation.group} >= ${groups}u) { return; }`);
  const [slice, batchNumber, row, column] = unravel(s, invocation.group, shape) as [string, string, string, string];
  const batch = coordinates(s, batchNumber, sizes.batch);
  const start = { slice, batch, row, column };
  const sums =
    tile.kind === "lane" ? laneTile(s, product, places, tile, start) : sharedTile(s, product, places, tile, start);
  if (partials === undefined) {
    const outputs = new Outputs(s, product, places, { batch }, along, across);
    if (isLoop) {
      loopOverSums(s, product, sums, (ownRow, ownColumn, sum) => {
        const [one, other] = along === "row" ? [ownRow, ownColumn] : [ownColumn, ownRow];
        outputs.begin([one.coordinates])([s.let(accumulatorType(product), sum, "sum")], other.coordinates);
      });
    } else {
      visitSums(s, product, along, together, sums, (group) => {
        const finish = outputs.begin(group.map((line) => line.coordinates));
        return (line, values) => finish(values, line.coordinates);
      });
    }
    return { passes: [s.finish("product", tile.workgroup, groups)], scratch: [] };
  }
  const write = partials.writer(s);
  visitSums(s, product, along, together, sums, ([first]) => (line, values) => {
    const [ownRow, ownColumn] = along === "row" ? [first?.index, line.index] : [line.index, first?.index];
    write(slice, { batch: batchNumber, row: ownRow as string, column: ownColumn as string }, values);
  });
  const parts = s.finish("parts of a product", tile.workgroup, groups);
  return { passes: [parts, partials.sum(dialect, limits)], scratch: [partials.bytes] };
};
