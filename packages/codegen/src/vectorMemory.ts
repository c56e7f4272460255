import { byteSize, computeType, type DType } from "@gradloom/backend";
import type { ElementType } from "./dialect.ts";
import type { BufferUse } from "./program.ts";
import type { Source } from "./source.ts";

/** Whether four neighbours of a dtype can be read and written together. */
export const hasVectors = (dtype: DType): boolean => dtype !== "float64";

type Raw = Exclude<ElementType, `atomic<${string}>`>;

/** What a buffer is declared with: four elements of the dtype. Native halves are read only, since they may be rounded in any way. */
const rawOf = (dtype: DType, native: boolean): Raw => {
  switch (dtype) {
    case "float16":
      return native ? "vec4<float16>" : "vec2<uint32>";
    case "bfloat16":
      return "vec2<uint32>";
    case "int8":
    case "uint8":
    case "bool":
      return "uint32";
    default:
      return `vec4<${dtype as "float32" | "int32" | "uint32"}>`;
  }
};

const components = ["x", "y", "z", "w"] as const;

/** A buffer that is read or written four neighbouring elements at a time; places count groups of four (text of an int32). */
export class VectorMemory {
  readonly dtype: DType;
  readonly #source: Source;
  readonly #raw: Raw;
  readonly #segments: readonly { readonly name: string; readonly bytes: number }[];

  constructor(
    source: Source,
    of: BufferUse["of"],
    index: number,
    dtype: DType,
    bytes: number,
    access: "read" | "write",
  ) {
    this.dtype = dtype;
    this.#source = source;
    this.#raw = rawOf(dtype, source.limits.float16 && access === "read");
    if (this.#raw === "vec4<float16>") source.enable("f16");
    this.#segments = source.bind(of, index, bytes, this.#raw, access);
  }

  /** The four elements as values of the dtype's compute type; zeros where the condition, a name, fails. */
  load(place: string, condition?: string): string[] {
    const s = this.#source;
    const [only, more] = this.#segments;
    if (condition === "false") return this.#decode(s.let(this.#raw, this.#zero, "raw"));
    // Without branches: what does not exist is read at the start of the buffer.
    const choose = (yes: string, no: string): string =>
      condition === undefined ? yes : s.dialect.select(condition, yes, no);
    const at = choose(place, "0");
    if (more === undefined) {
      return this.#decode(s.let(this.#raw, choose(`${only?.name}[${at}]`, this.#zero), "raw"));
    }
    const raw = s.variable(this.#raw, this.#zero, "raw");
    this.#each(at, (each) => `${raw} = ${choose(each, this.#zero)};`);
    return this.#decode(raw);
  }

  /** Writes four values of the dtype's compute type. */
  store(place: string, values: readonly string[]): void {
    const value = this.#source.let(this.#raw, this.#encode(values), "raw");
    this.#each(place, (each) => `${each} = ${value};`);
  }

  get #zero(): string {
    const width = Number(/^vec(\d)/.exec(this.#raw)?.[1] ?? 1);
    return width === 1 ? "0u" : this.#source.dialect.vector(this.#raw, new Array<string>(width).fill("0"));
  }

  /** A statement on the group at `place`, in the segment that holds it. */
  #each(place: string, statement: (place: string) => string): void {
    const s = this.#source;
    const size = 4 * byteSize(this.dtype);
    if (this.#segments.length === 1) {
      s.line(statement(`${this.#segments[0]?.name}[${place}]`));
      return;
    }
    const at = s.let("int32", place, "at");
    let first = 0;
    const parts = this.#segments.map(({ name, bytes }, i) => {
      const text = statement(`${name}[${first === 0 ? at : `${at} - ${first}`}]`);
      first += bytes / size;
      return i === this.#segments.length - 1 ? `{ ${text} }` : `if (${at} < ${first}) { ${text} }`;
    });
    s.line(parts.join(" else "));
  }

  #decode(raw: string): string[] {
    const s = this.#source;
    const { dialect } = s;
    const name = (text: string): string => s.let(computeType(this.dtype), text);
    const half = (i: number): string => {
      const word = `${raw}.${i < 2 ? "x" : "y"}`;
      return i % 2 === 0 ? `(${word} & 65535u)` : `(${word} >> 16u)`;
    };
    const byte = (i: number): string => dialect.toInt(i === 0 ? raw : `(${raw} >> ${8 * i}u)`);
    switch (this.dtype) {
      case "float16":
        return components.map((c, i) =>
          name(this.#raw === "vec4<float16>" ? dialect.widen(`${raw}.${c}`) : s.call("fromFloat16", half(i))),
        );
      case "bfloat16":
        return components.map((_, i) => name(s.call("fromBfloat16", half(i))));
      case "int8":
        return components.map((_, i) => name(`(${byte(i)} << 24u) >> 24u`));
      case "uint8":
        return components.map((_, i) => name(`${byte(i)} & 255`));
      case "bool":
        return components.map((_, i) => name(`(${raw} & ${(255 << (8 * i)) >>> 0}u) != 0u`));
      default:
        return components.map((c) => `${raw}.${c}`);
    }
  }

  #encode(values: readonly string[]): string {
    const s = this.#source;
    const { dialect } = s;
    const pack = (codes: readonly string[], bits: number): string =>
      codes.map((code, i) => (i === 0 ? code : `(${code} << ${i * bits}u)`)).join(" | ");
    const halves = (code: (value: string) => string): string => {
      const codes = values.map(code);
      return dialect.vector("vec2<uint32>", [pack(codes.slice(0, 2), 16), pack(codes.slice(2), 16)]);
    };
    switch (this.dtype) {
      case "float16":
        return halves((value) => s.call("toFloat16", value));
      case "bfloat16":
        return halves((value) => s.call("toBfloat16", value));
      case "bool":
        return pack(
          values.map((value) => dialect.select(value, "1u", "0u")),
          8,
        );
      case "int8":
      case "uint8":
        return pack(
          values.map((value) => `(${dialect.toUint(value)} & 255u)`),
          8,
        );
      default:
        return dialect.vector(this.#raw as "vec4<float32>", values);
    }
  }
}
