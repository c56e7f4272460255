import { bufferNeeds, byteSize, computeType, type DType, type KernelInput, type KernelOutput } from "@gradloom/backend";
import { Memory } from "../memory.ts";
import type { Source } from "../source.ts";
import { hasVectors, VectorMemory } from "../vectorMemory.ts";
import { type Access, isVector } from "./access.ts";
import type { Space } from "./affine.ts";
import { inputAccess, loadedInputs, outputAccess, type Product } from "./product.ts";
import type { Walk } from "./walk.ts";

/** Along what an operand is read four elements at a time: its lines (rows or columns), the depth or the batch. */
export type Direction = "line" | "depth" | "batch";

/** What a pass does with the buffers of a product. */
export interface Use {
  /** Along what four elements of each operand may be read together, if the pass reads them. */
  readonly left?: readonly Direction[];
  readonly right?: readonly Direction[];
  /** Along what outputs are written and further inputs read four at a time, if at all; undefined where the pass does neither. */
  readonly outputs: Space | "single" | undefined;
}

/** Along which of the two more outputs can be written four elements at a time. */
export const outputDirection = (product: Product): "row" | "column" => {
  const vectors = (space: Space): number =>
    product.kernel.outputs.filter((_, i) => isVector(outputAccess(product, i), space, product.sizes)).length;
  return vectors("row") > vectors("column") ? "row" : "column";
};

/** The first of some directions along which an operand lies in groups of four. */
export const operandDirection = (
  product: Product,
  side: "left" | "right",
  directions: readonly Direction[] = ["line", "depth"],
): Direction | undefined => {
  const spaces = { line: side === "left" ? "row" : "column", depth: "inner", batch: "batch" } as const;
  return directions.find((direction) => isVector(product[side].access, spaces[direction], product.sizes));
};

/** The buffers of a product in one pass. A buffer that is seen several times is read and written four elements at a time or never. */
export class Places {
  readonly #source: Source;
  readonly #product: Product;
  readonly #memories = new Map<string, Memory | VectorMemory>();
  readonly #single = new Set<string>();
  readonly #use: Use;

  constructor(source: Source, product: Product, use: Use) {
    this.#source = source;
    this.#product = product;
    this.#use = use;
    const { kernel, sizes } = product;
    const seen = (key: string, vector: boolean): void => {
      if (!vector || !hasVectors(this.#facts(key).dtype) || !this.#hasFours(key)) this.#single.add(key);
    };
    for (const side of ["left", "right"] as const) {
      const directions = use[side];
      if (directions === undefined) continue;
      seen(this.#key(product[side].input), operandDirection(product, side, directions) !== undefined);
    }
    const along = use.outputs;
    if (along === undefined) return;
    const isAlong = (access: Access): boolean => along !== "single" && isVector(access, along, sizes);
    for (const i of loadedInputs(product)) seen(this.#key(i), isAlong(inputAccess(product, i)));
    for (const i of kernel.outputs.keys()) seen(this.#outputKey(i), isAlong(outputAccess(product, i)));
  }

  /** Along what an operand is read four elements at a time. */
  direction(side: "left" | "right"): Direction | undefined {
    const { input } = this.#product[side];
    return this.#single.has(this.#key(input)) ? undefined : operandDirection(this.#product, side, this.#use[side]);
  }

  isVectorInput(input: number): boolean {
    return !this.#single.has(this.#key(input));
  }

  isVectorOutput(output: number): boolean {
    return !this.#single.has(this.#outputKey(output));
  }

  /** The name of one element. */
  load(input: number, walk: Walk): string {
    const s = this.#source;
    const memory = this.#memory(this.#key(input)) as Memory;
    const type = computeType(memory.dtype);
    const condition = walk.condition;
    const zero = s.dialect.constant(type, 0, s.use);
    if (condition === undefined) return s.let(type, memory.load(walk.address), "x");
    if (condition === "false") return zero;
    const at = s.let("int32", s.dialect.select(condition, walk.address, "0"), "at");
    return s.let(type, s.dialect.select(condition, memory.load(at), zero), "x");
  }

  /** The texts of four elements; the address is that of the first. */
  loadVector(input: number, walk: Walk): string[] {
    const memory = this.#memory(this.#key(input)) as VectorMemory;
    return memory.load(`${walk.address} >> 2u`, walk.condition);
  }

  store(output: number, walk: Walk, value: string): void {
    const s = this.#source;
    const { address } = walk;
    const at = /\W/.test(address) ? s.let("int32", address, "at") : address;
    (this.#memory(this.#outputKey(output)) as Memory).store(at, value);
  }

  storeVector(output: number, walk: Walk, values: readonly string[]): void {
    (this.#memory(this.#outputKey(output)) as VectorMemory).store(`${walk.address} >> 2u`, values);
  }

  /** Inputs that share a buffer, and outputs that are written over them, have one key. */
  #key(input: number): string {
    const root = this.#root(input);
    const { outputs } = this.#product.kernel;
    const over = outputs.findIndex((output) => output.over !== undefined && this.#root(output.over) === root);
    return over >= 0 ? `output ${over}` : `input ${root}`;
  }

  #root(input: number): number {
    return this.#product.kernel.inputs[input]?.shares ?? input;
  }

  #outputKey(output: number): string {
    return `output ${output}`;
  }

  #hasFours(key: string): boolean {
    const { elements } = this.#facts(key);
    return elements > 0 && elements % 4 === 0;
  }

  #facts(key: string) {
    const { kernel } = this.#product;
    const [kind, text] = key.split(" ") as [string, string];
    const index = Number(text);
    const bytes = bufferNeeds(kernel);
    const place = kind === "input" ? index : kernel.inputs.length + index;
    const { dtype, over }: { dtype: DType; over?: number } =
      kind === "input" ? (kernel.inputs[index] as KernelInput) : (kernel.outputs[index] as KernelOutput);
    const most = Math.max(bytes[place] as number, over === undefined ? 0 : (bytes[this.#root(over)] as number));
    const access = kind === "input" ? "read" : "write";
    return { dtype, place, bytes: most, elements: most / byteSize(dtype), access } as const;
  }

  #memory(key: string): Memory | VectorMemory {
    let memory = this.#memories.get(key);
    if (memory === undefined) {
      const { dtype, place, bytes, access } = this.#facts(key);
      const Form = this.#single.has(key) ? Memory : VectorMemory;
      memory = new Form(this.#source, "kernel", place, dtype, bytes, access);
      this.#memories.set(key, memory);
    }
    return memory;
  }
}
