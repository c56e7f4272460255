import { isMasked, type KernelInput, type ScatterKernel, type Shape, sizeOf } from "@gradloom/backend";

/** A dimension of the target that is addressed by a dimension of the updates: position i of the one meets position i of the other. */
interface Pair {
  readonly target: number;
  readonly update: number;
  /** Positions that both have. */
  readonly extent: number;
}

/**
 * How a scatter moves. An entry is a position in `batch` and `listed`: it names one bucket of the target, and all `columns` of the entry
 * go to those of the bucket.
 */
export interface ScatterPlan {
  /** Pairs along which no coordinate varies. */
  readonly columns: readonly Pair[];
  /** Pairs along which coordinates vary. */
  readonly batch: readonly Pair[];
  /** The other dimensions of the updates. */
  readonly listed: readonly number[];
  /** The other dimensions of the target. */
  readonly indexed: readonly number[];
  readonly entries: Shape;
  readonly buckets: Shape;
}

const varies = ({ view }: KernelInput, d: number): boolean => view.strides[d] !== 0 || isMasked(view, d);

export const planScatter = ({ shape, updates, coordinates, inputs }: ScatterKernel): ScatterPlan => {
  const columns: Pair[] = [];
  const batch: Pair[] = [];
  const indexed: number[] = [];
  const paired = new Set<number>();
  coordinates.forEach((coordinate, target) => {
    if (!("dim" in coordinate) || paired.has(coordinate.dim)) {
      indexed.push(target);
      return;
    }
    const update = coordinate.dim;
    paired.add(update);
    const moves = coordinates.some((other, d) =>
      "dim" in other ? d !== target && other.dim === update : varies(inputs[other.input] as KernelInput, update),
    );
    const extent = Math.min(shape[target] as number, updates[update] as number);
    (moves ? batch : columns).push({ target, update, extent });
  });
  const listed = updates.map((_, d) => d).filter((d) => !paired.has(d));
  const extents = batch.map(({ extent }) => extent);
  return {
    columns,
    batch,
    listed,
    indexed,
    entries: [...extents, ...listed.map((d) => updates[d] as number)],
    buckets: [...extents, ...indexed.map((d) => shape[d] as number)],
  };
};

/** Puts coordinates back where they belong. */
export const spread = (rank: number, ...parts: (readonly (readonly [dim: number, name: string])[])[]): string[] => {
  const position = new Array<string>(rank).fill("0");
  for (const part of parts) for (const [d, name] of part) position[d] = name;
  return position;
};

/** Elements of the updates that may fall on one element of the target. */
export const rivals = (plan: ScatterPlan, { updates }: ScatterKernel): number =>
  sizeOf(plan.listed.map((d) => updates[d] as number));
