import { byteSize, type ComputeType, type Shape, sizeOf } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import { Memory } from "../memory.ts";
import { unravel } from "../position.ts";
import type { Limits, Pass } from "../program.ts";
import { invocation, Source } from "../source.ts";
import { VectorMemory } from "../vectorMemory.ts";
import { upTo, zeroSum } from "./accumulators.ts";
import { count, type Space } from "./affine.ts";
import { coordinates, Neighbours } from "./neighbours.ts";
import { Outputs } from "./outputs.ts";
import { Places } from "./places.ts";
import { accumulatorType, type Product } from "./product.ts";

/** The spaces of results. */
export type ResultSpace = Exclude<Space, "outer" | "inner">;

const workgroup = 64;

/** Sums of parts of the depth in scratch memory: for each slice the results, `order` from the slowest to the fastest space. */
export class Partials {
  readonly #product: Product;
  readonly #slices: number;
  readonly #order: readonly ResultSpace[];
  readonly #type: ComputeType;
  /** Neighbours along the fastest space that are stored together. */
  readonly together: number;
  /** Groups of neighbours in each space. */
  readonly #groups: Shape;

  constructor(product: Product, slices: number, order: readonly ResultSpace[], together: number) {
    this.#product = product;
    this.#slices = slices;
    this.#order = order;
    this.#type = accumulatorType(product);
    this.together = this.#type === "float64" ? 1 : together;
    this.#groups = order.map((space) => count(product.sizes, space) / (space === this.#along ? this.together : 1));
  }

  get bytes(): number {
    return this.#slices * sizeOf(this.#groups) * this.together * byteSize(this.#type);
  }

  get #along(): ResultSpace {
    return this.#order[this.#order.length - 1] as ResultSpace;
  }

  #open(s: Source, access: "read" | "write"): Memory | VectorMemory {
    const Form = this.together === 4 ? VectorMemory : Memory;
    return new Form(s, "scratch", 0, this.#type, this.bytes, access);
  }

  /** Opens the memory for writing; the function returned stores a group's sums, at the numbers (names or literals) of its first element. */
  writer(s: Source): (slice: string, numbers: Readonly<Record<ResultSpace, string>>, sums: readonly string[]) => void {
    const memory = this.#open(s, "write");
    return (slice, numbers, sums) => {
      const place = this.#order.reduce((at, space, i) => {
        const number = space === this.#along && this.together === 4 ? `(${numbers[space]} >> 2u)` : numbers[space];
        return `(${at} * ${this.#groups[i]} + ${number})`;
      }, slice);
      const at = s.let("int32", place, "at");
      if (memory instanceof VectorMemory) memory.store(at, sums);
      else memory.store(at, sums[0] as string);
    };
  }

  /** The pass that adds the parts up, in order, and finishes the kernel. */
  sum(dialect: Dialect, limits: Limits): Pass {
    const product = this.#product;
    const { sizes } = product;
    const s = new Source(dialect, limits);
    const along = this.#along;
    const places = new Places(s, product, { outputs: this.together === 4 ? along : "single" });
    const items = sizeOf(this.#groups);
    const id = s.let("uint32", `${invocation.group} * ${workgroup}u + ${invocation.local}`, "id");
    s.line(`if (${id} >= ${items}u) { return; }`);
    const memory = this.#open(s, "read");
    const sums = upTo(this.together).map(() => zeroSum(s, this.#type));
    const first = s.let("int32", dialect.toInt(id), "at");
    s.for(0, this.#slices, (slice) => {
      const at = s.let("int32", `${slice} * ${items} + ${first}`, "at");
      const parts = memory instanceof VectorMemory ? memory.load(at) : [memory.load(at)];
      for (const [i, part] of parts.entries()) s.line(`${sums[i]} += ${part};`);
    });
    const numbers = unravel(s, id, this.#groups);
    const known = this.#order
      .slice(0, -1)
      .map((space, i) => [space, coordinates(s, numbers[i] as string, sizes[space])]);
    const group = numbers[numbers.length - 1] as string;
    const index = this.together === 4 ? s.let("int32", `${group} * 4`, "along") : group;
    const neighbours = new Neighbours(s, sizes[along], index);
    const outputs = new Outputs(s, product, places, Object.fromEntries(known), along);
    outputs.begin(upTo(this.together).map((i) => neighbours.at(i)))(sums);
    return s.finish("sum of parts", workgroup, Math.ceil(items / workgroup));
  }
}
