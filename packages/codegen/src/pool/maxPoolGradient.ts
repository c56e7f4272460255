import { computeType, contiguousStrides, type KernelInput, type PoolKernel, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { itemPass } from "../itemPass.ts";
import { Memory } from "../memory.ts";
import { address, unravel } from "../position.ts";
import type { GpuProgram, Limits, Pass } from "../program.ts";
import { readView } from "../readView.ts";
import { Source } from "../source.ts";
import { storeOutputs } from "../storeOutputs.ts";
import { PoolMaximum } from "./PoolMaximum.ts";
import { forWindows, geometryOf, type PoolAxis } from "./poolGeometry.ts";

/** Most positions of x that one invocation visits together with the window among them. */
const largestCell = 64;

/** Text of the number of a position among the spatial positions of x. */
const numberOf = (axes: readonly PoolAxis[], spatial: readonly string[]): string =>
  address(contiguousStrides(axes.map(({ n }) => n)), spatial);

/** The adjoint of a max pool: each dy goes to the position of its window's largest x. */
export const maxPoolGradient = (kernel: PoolKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { axes, y } = geometryOf(kernel);
  const apart = axes.every(({ stride, reach }) => stride >= reach);
  if (apart && sizeOf(kernel.stride) <= largestCell) {
    return { passes: [cells(kernel, new Source(dialect, limits))], scratch: [] };
  }
  const gather = toPositions(kernel, new Source(dialect, limits));
  if (sizeOf(y) === 0) return { passes: [gather], scratch: [4] };
  return { passes: [winners(kernel, new Source(dialect, limits)), gather], scratch: [4 * sizeOf(y)] };
};

/**
 * Windows that do not overlap: x is cut into cells of `stride` positions, each with one window at its beginning or, at the end of x,
 * none. An invocation finds the largest of a window and writes the whole cell.
 */
const cells = (kernel: PoolKernel, s: Source): Pass => {
  const geometry = geometryOf(kernel);
  const { axes, x } = geometry;
  const buffers = new Buffers(s, kernel);
  const maximum = new PoolMaximum(s, kernel, buffers, geometry);
  const dy = kernel.inputs[1] as KernelInput;
  const type = computeType(dy.dtype);
  const counts = axes.map(({ n, low, stride }) => Math.ceil((n + low) / stride));
  const shape = [x[0] as number, ...counts, x[x.length - 1] as number];
  return itemPass(s, "max pool gradient by cells", sizeOf(shape), (id) => {
    const cell = unravel(s, id, shape);
    const [n, c] = [cell[0] as string, cell[cell.length - 1] as string];
    const winner = s.variable("int32", "-1", "winner");
    const value = s.variable(type, undefined, "dy");
    const find = (): void => {
      s.line(`${winner} = ${maximum.largest(cell, (position) => numberOf(axes, position.slice(1, -1)))};`);
      s.line(`${value} = ${readView(s, buffers.input(1), dy, cell)};`);
    };
    const inside = axes.flatMap(({ out }, d) => ((counts[d] as number) > out ? [`${cell[d + 1]} < ${out}`] : []));
    if (inside.length === 0) find();
    else s.if(inside.join(" && "), find);
    const visit = (d: number, spatial: readonly string[]): void => {
      if (d < axes.length) {
        const { n: size, low, stride } = axes[d] as PoolAxis;
        const from = s.let("int32", address([stride], [cell[d + 1] as string], -low), "from");
        const clipped = (counts[d] as number) * stride - low > size;
        const to = `${from} + ${stride}`;
        s.for(low > 0 ? `max(0, ${from})` : from, clipped ? `min(${size}, ${to})` : to, (p) =>
          visit(d + 1, [...spatial, p]),
        );
        return;
      }
      const hit = `${winner} == ${numberOf(axes, spatial)}`;
      const accumulator = s.let(type, s.dialect.select(hit, value, s.dialect.constant(type, 0, s.use)));
      storeOutputs(s, kernel, buffers, { position: [n, ...spatial, c], accumulator });
    };
    visit(0, []);
  });
};

/** Writes down the number of the largest x of every window. */
const winners = (kernel: PoolKernel, s: Source): Pass => {
  const geometry = geometryOf(kernel);
  const { axes, y } = geometry;
  const maximum = new PoolMaximum(s, kernel, new Buffers(s, kernel), geometry);
  const memory = new Memory(s, "scratch", 0, "int32", 4 * sizeOf(y), "write");
  return itemPass(s, "largest of each window", sizeOf(y), (id) => {
    const number = maximum.largest(unravel(s, id, y), (position) => numberOf(axes, position.slice(1, -1)));
    memory.store(s.let("int32", s.dialect.toInt(id)), number);
  });
};

/** Adds up, for every position of x, the dy of the windows that it won. */
const toPositions = (kernel: PoolKernel, s: Source): Pass => {
  const { axes, y } = geometryOf(kernel);
  const buffers = new Buffers(s, kernel);
  const winner = new Memory(s, "scratch", 0, "int32", 4 * sizeOf(y), "read");
  const dy = kernel.inputs[1] as KernelInput;
  const type = computeType(dy.dtype);
  return itemPass(s, "max pool gradient", sizeOf(kernel.shape), (id) => {
    const position = unravel(s, id, kernel.shape);
    const [n, c] = [position[0] as string, position[position.length - 1] as string];
    const spatial = position.slice(1, -1);
    const here = s.let("int32", numberOf(axes, spatial), "here");
    const sum = s.variable(type, s.dialect.constant(type, 0, s.use), "sum");
    forWindows(s, axes, spatial, (output) => {
      const at = [n, ...output, c];
      s.if(`${winner.load(address(contiguousStrides(y), at))} == ${here}`, () =>
        s.line(`${sum} += ${readView(s, buffers.input(1), dy, at)};`),
      );
    });
    storeOutputs(s, kernel, buffers, { position, accumulator: sum });
  });
};
