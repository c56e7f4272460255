import { computeType, contiguousStrides, type KernelInput, type ScatterKernel, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import { locate } from "../locate.ts";
import { unravel } from "../position.ts";
import { addressName, readView } from "../readView.ts";
import { type PairSource, PairsInScratch, type PairTarget } from "../sort/pairs.ts";
import type { Source } from "../source.ts";
import { type ScatterPlan, spread } from "./scatterPlan.ts";

/** The bucket of entries that are out of range: the last of all. */
export const nowhere = "4294967295u";

const inOrder = (plan: ScatterPlan, s: Source, access: "read" | "write"): PairsInScratch =>
  new PairsInScratch(s, 0, 1, sizeOf(plan.entries), access);

/** Entries with the numbers of their buckets as keys; sorted, they go to scratch buffers 0 and 1. */
export const entryPairs = (kernel: ScatterKernel, plan: ScatterPlan, s: Source): PairSource & PairTarget => {
  const { shape, updates } = kernel;
  const buffers = new Buffers(s, kernel);
  let sorted: PairsInScratch | undefined;
  return {
    load: (_, at) => {
      const entry = unravel(s, s.dialect.toUint(at), plan.entries);
      const position = entryPosition(kernel, plan, entry, []);
      const { place, inside } = locate(s, buffers, kernel, shape, updates, position, plan.indexed);
      const bucket = [...plan.batch.map((_, k) => entry[k] as string), ...place];
      const number = s.dialect.toUint(addressName(s, contiguousStrides(plan.buckets), bucket));
      const key = inside === undefined ? number : s.dialect.select(inside, number, nowhere);
      return { key: s.let("uint32", key, "key"), number: at };
    },
    store: (row, at, key, number) => {
      sorted ??= inOrder(plan, s, "write");
      sorted.store(row, at, key, number);
    },
  };
};

/** The position in the updates of an entry's coordinates and those of a column. */
const entryPosition = (
  { updates }: ScatterKernel,
  { batch, listed, columns }: ScatterPlan,
  entry: readonly string[],
  column: readonly string[],
): string[] =>
  spread(
    updates.length,
    batch.map(({ update }, k) => [update, entry[k] as string]),
    listed.map((d, k) => [d, entry[batch.length + k] as string]),
    column.map((name, k) => [(columns[k] as ScatterPlan["columns"][number]).update, name]),
  );

/** Entries in the order of their buckets, in the code of a pass that writes the output. */
export class SortedEntries {
  readonly buffers: Buffers;
  readonly #source: Source;
  readonly #kernel: ScatterKernel;
  readonly #plan: ScatterPlan;
  readonly #sorted: PairsInScratch;

  constructor(s: Source, kernel: ScatterKernel, plan: ScatterPlan) {
    this.buffers = new Buffers(s, kernel);
    this.#source = s;
    this.#kernel = kernel;
    this.#plan = plan;
    this.#sorted = inOrder(plan, s, "read");
  }

  /** The name of the bucket of sorted entry `i`, a name or literal. */
  bucket(i: string): string {
    return this.#sorted.key("0", i);
  }

  /** The name of the update that sorted entry `i` brings to a column. */
  update(i: string, column: readonly string[]): string {
    const s = this.#source;
    const number = this.#sorted.number("0", i);
    const entry = unravel(s, s.dialect.toUint(number), this.#plan.entries);
    const position = entryPosition(this.#kernel, this.#plan, entry, column);
    return readView(s, this.buffers.input(1), this.#kernel.inputs[1] as KernelInput, position);
  }

  /** The name of the output's place for a bucket's column. */
  place(bucket: string, column: readonly string[]): string {
    const s = this.#source;
    const { batch, indexed, columns, buckets } = this.#plan;
    const names = unravel(s, bucket, buckets);
    const target = spread(
      this.#kernel.shape.length,
      batch.map(({ target: d }, k) => [d, names[k] as string]),
      indexed.map((d, k) => [d, names[batch.length + k] as string]),
      column.map((name, k) => [(columns[k] as ScatterPlan["columns"][number]).target, name]),
    );
    return addressName(s, (this.#kernel.outputs[0] as ScatterKernel["outputs"][number]).strides, target);
  }

  /** The name of the output's element at a place. */
  element(place: string): string {
    const { dtype } = this.#kernel.outputs[0] as ScatterKernel["outputs"][number];
    return this.#source.let(computeType(dtype), this.buffers.output(0).load(place));
  }
}
