import { type ComputeType, computeType, type KernelInput } from "@gradloom/backend";
import type { Memory } from "../memory.ts";
import { address, clamped, exists } from "../position.ts";
import type { Source } from "../source.ts";
import { hasVectors, VectorMemory } from "../vectorMemory.ts";

/** How elements of a buffer are addressed. */
export interface Layout {
  readonly dtype: KernelInput["dtype"];
  readonly view: KernelInput["view"];
}

/** Whether the quads of all lines are quads of memory. */
export const hasQuads = ({ dtype, view: { shape, strides, offset, valid } }: Layout): boolean => {
  const last = shape.length - 1;
  return (
    hasVectors(dtype) &&
    valid === undefined &&
    offset % 4 === 0 &&
    (shape[last] as number) % 4 === 0 &&
    strides.every((stride, d) => (d === last ? stride === 1 : stride % 4 === 0 || shape[d] === 1))
  );
};

/** The matrices [line, element] that an input has for the positions of the batch. */
export class Matrix {
  readonly lines: number;
  readonly width: number;
  readonly #source: Source;
  readonly #layout: Layout;
  readonly #memory: Memory | VectorMemory;
  readonly #batch: readonly string[];
  /** The name of the address of the first element, in quads where these are read. */
  readonly #base: string;
  readonly #strides: readonly number[];

  constructor(source: Source, layout: Layout, memory: Memory | VectorMemory, batch: readonly string[]) {
    const { shape, strides, offset } = layout.view;
    const unit = memory instanceof VectorMemory ? 4 : 1;
    const scaled = strides.map((stride, d) => (d === strides.length - 1 ? stride : stride / unit));
    this.#source = source;
    this.#layout = layout;
    this.#memory = memory;
    this.#batch = batch;
    this.#base = source.let("int32", address(scaled.slice(0, -2), batch, offset / unit), "base");
    this.#strides = scaled.slice(-2);
    [this.lines, this.width] = shape.slice(-2) as [number, number];
  }

  /** The number of quads of a line. */
  get quads(): number {
    return Math.ceil(this.width / 4);
  }

  /** The name of an element of a line, which both exist (names or literals). */
  element(line: string, element: string): string {
    return this.#load(line, element, undefined);
  }

  /** The texts of the elements of a quad; 0 for those that are not in the matrix, or where the condition fails. */
  quad(line: string, quad: string, condition?: string): string[] {
    const s = this.#source;
    if (this.#memory instanceof VectorMemory) {
      return this.#memory.load(address(this.#strides, [line, quad], this.#base), condition);
    }
    const within = condition === undefined ? line : clamped(s, line, this.lines);
    return [0, 1, 2, 3].map((c) => {
      const element = s.let("int32", `${quad} * 4${c === 0 ? "" : ` + ${c}`}`, "e");
      const inside = this.width % 4 === 0 && condition === undefined ? undefined : `${element} < ${this.width}`;
      const conditions = [condition, inside].filter((one) => one !== undefined);
      return this.#load(
        within,
        inside === undefined ? element : clamped(s, element, this.width),
        conditions.join(" && "),
      );
    });
  }

  /** The element at a place that exists, where the condition holds and the view has it; else 0. */
  #load(line: string, element: string, condition = ""): string {
    const s = this.#source;
    const { dtype, view } = this.#layout;
    const type = computeType(dtype);
    const value = readElement(
      s,
      this.#memory as Memory,
      type,
      address(this.#strides, [line, element], this.#base),
      exists(view, [...this.#batch, line, element]),
    );
    if (condition === "") return value;
    return s.let(type, s.dialect.select(condition, value, s.dialect.constant(type, 0, s.use)));
  }
}

/** The name of an element; 0 where the condition fails, under which alone it is read. */
const readElement = (
  s: Source,
  memory: Memory,
  type: ComputeType,
  place: string,
  condition: string | undefined,
): string => {
  if (condition === undefined) return s.let(type, memory.load(place));
  const value = s.variable(type, s.dialect.constant(type, 0, s.use));
  if (condition !== "false") s.if(condition, () => s.line(`${value} = ${memory.load(place)};`));
  return value;
};
