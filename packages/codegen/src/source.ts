import { byteSize, type ComputeType, type DType } from "@gradloom/backend";
import type { Dialect, ElementType, LibraryFunction, ValueType } from "./dialect.ts";
import { type BufferUse, type Limits, type Pass, segmentBytes } from "./program.ts";

/** A binding of the code: a buffer, or one of the segments of a buffer that is too large for one binding. */
interface Declared extends BufferUse {
  readonly name: string;
  element: ElementType;
  access: "read" | "write";
}

/** The text of one pass while it is being written. */
export class Source {
  readonly dialect: Dialect;
  readonly limits: Limits;
  #lines: string[] = [];
  #depth = 1;
  #names = 0;
  readonly #features = new Set<string>();
  readonly #buffers: Declared[] = [];
  readonly #shared: { name: string; element: ElementType; length: number }[] = [];
  readonly #functions = new Set<string>();
  readonly #helpers: string[] = [];
  #scalars = 0;
  /** Passes as an argument to a dialect's rows. */
  readonly use = (name: string): void => void this.#functions.add(name);

  constructor(dialect: Dialect, limits: Limits) {
    this.dialect = dialect;
    this.limits = limits;
  }

  line(text: string): void {
    this.#lines.push("  ".repeat(this.#depth) + text);
  }

  /** A name that nothing else has. */
  name(prefix = "v"): string {
    const name = `${prefix}${this.#names++}`;
    // "i32" and the like are types.
    return /^[fiu](8|16|32|64)$/.test(name) ? this.name(prefix) : name;
  }

  let(type: ValueType, value: string, prefix?: string): string {
    const name = this.name(prefix);
    this.line(this.dialect.let(type, name, value));
    return name;
  }

  variable(type: ValueType, value?: string, prefix?: string): string {
    const name = this.name(prefix);
    this.line(this.dialect.variable(type, name, value));
    return name;
  }

  array(type: ValueType, length: number, prefix = "a"): string {
    const name = this.name(prefix);
    this.line(this.dialect.array(type, name, length));
    return name;
  }

  /** Lines between braces. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line("}");
  }

  if(condition: string, body: () => void, otherwise?: () => void): void {
    this.block(`if (${condition})`, body);
    if (otherwise !== undefined) this.block("else", otherwise);
  }

  /** A loop over an int32 from `from` up to, without, `to`. */
  for(from: number | string, to: number | string, body: (i: string) => void, step: number | string = 1): void {
    const i = this.name("i");
    this.block(this.dialect.for(i, `${from}`, `${to}`, `${step}`), () => body(i));
  }

  barrier(): void {
    this.line(this.dialect.barrier);
  }

  /** An array that the workgroup shares. */
  shared(element: ElementType, length: number, prefix = "shared"): string {
    const name = this.name(prefix);
    this.#shared.push({ name, element, length });
    return name;
  }

  call(name: LibraryFunction, ...args: string[]): string {
    return this.dialect.call(name, args, this.use);
  }

  /** A function outside of `main`. */
  helper(
    prefix: string,
    parameters: readonly (readonly [string, ValueType])[],
    result: ValueType,
    body: string,
  ): string {
    const name = this.name(prefix);
    this.#helpers.push(this.dialect.function(name, parameters, result, body));
    return name;
  }

  scalar(type: ComputeType, slot: number): string {
    this.#scalars = Math.max(this.#scalars, slot + 1);
    return this.dialect.scalar(type, slot);
  }

  /** Makes an extension of the language part of the module. */
  enable(feature: "f16" | "subgroups"): void {
    this.#features.add(feature);
  }

  /** Bindings that cover `bytes` bytes of a buffer; several where one binding cannot hold them. */
  bind(of: BufferUse["of"], index: number, bytes: number, element: ElementType, access: "read" | "write"): Declared[] {
    const most = segmentBytes(this.limits);
    const segments: Declared[] = [];
    for (let at = 0; at === 0 || at < bytes; at += most) {
      const size = Math.max(4, Math.min(most, bytes - at));
      const name = this.name("b");
      segments.push({ of, index, name, element, access, byteOffset: at, bytes: size });
    }
    this.#buffers.push(...segments);
    return segments;
  }

  /** The pass that `groups` workgroups of `workgroup` invocations run. */
  finish(name: string, workgroup: number, groups: number): Pass {
    const gridX = Math.max(1, Math.min(groups, this.limits.groups));
    const module = {
      buffers: this.#buffers,
      scalars: this.#scalars,
      shared: this.#shared,
      functions: this.#functions,
      helpers: this.#helpers,
      body: this.#lines,
      workgroup,
      gridX,
      features: [...this.#features],
    };
    return {
      name,
      code: this.dialect.module(module, this.limits),
      workgroup,
      grid: [gridX, Math.ceil(groups / gridX)],
      uses: this.#buffers.map(({ of, index, access, byteOffset, bytes }) => ({ of, index, access, byteOffset, bytes })),
      scalars: this.#scalars > 0,
    };
  }
}

/** Invocations of the entry point, by the names that every dialect gives them. */
export const invocation = {
  /** Number of the workgroup, uint32. */
  group: "group",
  /** Number of the invocation in its workgroup, uint32. */
  local: "local",
  /** Number of the invocation in its subgroup, uint32; only where subgroups are enabled. */
  lane: "lane",
} as const;

/** Elements of `dtype` that share a 32-bit word. */
export const perWord = (dtype: DType): number => Math.max(1, 4 / byteSize(dtype));
