import { ByteWriter, unsignedLeb, utf8 } from "./encoding.ts";
import { FunctionBuilder, type FunctionType, typeCodes } from "./function.ts";
import type { Local, ValueType } from "./value.ts";

/** The memory a module works on, imported as "env.memory". */
export interface MemoryType {
  /** Shared between threads. */
  readonly shared: boolean;
  /** Most 64-KiB pages; not less than the maximum of the memory that is passed in. */
  readonly maxPages: number;
}

type Params<T extends readonly ValueType[]> = { [K in keyof T]: Local<T[K]> };

/** Collects the functions of a WebAssembly module and writes its binary form. */
export class ModuleBuilder {
  private readonly memory: MemoryType;
  private readonly functions: FunctionBuilder[] = [];
  private readonly exports: [string, number][] = [];
  private readonly helpers = new Map<string, FunctionBuilder>();

  constructor(memory: MemoryType) {
    this.memory = memory;
  }

  /**
   * Adds a function; `name` exports it. A body may add and call other functions.
   *
   * @example module.add("twice", ["i32"], ["i32"], (f, x) => f.result(i32.add(x, x)));
   */
  add<const P extends readonly ValueType[]>(
    name: string | undefined,
    params: P,
    results: readonly ValueType[],
    body: (f: FunctionBuilder, ...params: Params<P>) => void,
  ): FunctionBuilder {
    const f = new FunctionBuilder({ params, results }, this.functions.length);
    this.functions.push(f);
    if (name !== undefined) this.exports.push([name, f.index]);
    body(f, ...(params.map((type, i) => f.param(i, type)) as unknown as Params<P>));
    return f;
  }

  /** The function that `make` adds at the first call with this name; it is not exported. */
  helper(name: string, make: () => FunctionBuilder): FunctionBuilder {
    let helper = this.helpers.get(name);
    if (helper === undefined) {
      helper = make();
      this.helpers.set(name, helper);
    }
    return helper;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const types: FunctionType[] = [];
    const typeIndex = this.functions.map(({ type }) => {
      const found = types.findIndex((t) => `${t.params}:${t.results}` === `${type.params}:${type.results}`);
      return found >= 0 ? found : types.push(type) - 1;
    });
    const out = new ByteWriter(4096);
    out.all([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, count: number, write: (to: ByteWriter) => void): void => {
      const body = new ByteWriter();
      body.unsigned(count);
      write(body);
      out.byte(id);
      out.unsigned(body.length);
      out.append(body);
    };
    const codes = (list: readonly ValueType[]): number[] => [
      ...unsignedLeb(list.length),
      ...list.map((type) => typeCodes[type]),
    ];
    section(1, types.length, (to) => {
      for (const { params, results } of types) to.all([0x60, ...codes(params), ...codes(results)]);
    });
    section(2, 1, (to) => {
      to.all([...utf8("env"), ...utf8("memory"), 2, this.memory.shared ? 3 : 1, 0]);
      to.unsigned(this.memory.maxPages);
    });
    section(3, typeIndex.length, (to) => {
      for (const index of typeIndex) to.unsigned(index);
    });
    section(7, this.exports.length, (to) => {
      for (const [name, index] of this.exports) to.all([...utf8(name), 0, ...unsignedLeb(index)]);
    });
    section(10, this.functions.length, (to) => {
      for (const f of this.functions) f.write(to);
    });
    return out.toBytes();
  }
}
