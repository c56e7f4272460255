import { byteSize, computeType, type DType } from "@gradloom/backend";
import type { ElementType } from "./dialect.ts";
import type { BufferUse } from "./program.ts";
import { perWord, type Source } from "./source.ts";

const elementOf = (dtype: DType, access: "read" | "write"): ElementType =>
  perWord(dtype) > 1 ? (access === "write" ? "atomic<uint32>" : "uint32") : (computeType(dtype) as ElementType);

/**
 * A buffer of elements that the code reads or writes, by their number (text of an int32). Elements narrower than a word are taken out
 * of words; such words are written atomically, so that their neighbours stay as they are.
 */
export class Memory {
  readonly dtype: DType;
  readonly #source: Source;
  readonly #segments: readonly { readonly name: string; readonly bytes: number }[];
  readonly #words: boolean;
  readonly #atomic: boolean;
  #loader: string | undefined;

  /** `whole`: words are written whole, by `storeWord` only. */
  constructor(
    source: Source,
    of: BufferUse["of"],
    index: number,
    dtype: DType,
    bytes: number,
    access: "read" | "write",
    whole = false,
  ) {
    this.dtype = dtype;
    this.#source = source;
    this.#words = perWord(dtype) > 1;
    this.#atomic = this.#words && access === "write" && !whole;
    const element = whole && this.#words ? "uint32" : elementOf(dtype, access);
    this.#segments = source.bind(of, index, this.#words ? Math.ceil(bytes / 4) * 4 : bytes, element, access);
  }

  /** The element as a value of the dtype's compute type. */
  load(index: string): string {
    const [only, more] = this.#segments;
    if (!this.#words && more === undefined) return `${only?.name}[${index}]`;
    this.#loader ??= this.#source.helper(
      "load",
      [["i", "int32"]],
      computeType(this.dtype),
      this.#words ? this.#unpack() : this.#pick("i", (place) => `return ${place};`),
    );
    return `${this.#loader}(${index})`;
  }

  /** Writes a value of the dtype's compute type; `index` and `value` are names or literals. */
  store(index: string, value: string): void {
    const s = this.#source;
    if (!this.#words) {
      s.line(this.#pick(index, (place) => `${place} = ${value};`));
      return;
    }
    const { dialect } = s;
    const bits = 8 * byteSize(this.dtype);
    const lanes = perWord(this.dtype);
    const u = s.let("uint32", dialect.toUint(index));
    const shift = s.let("uint32", `(${u} & ${lanes - 1}u) * ${bits}u`);
    const code = s.let("uint32", this.encode(value));
    const word = s.let("int32", dialect.toInt(`(${u} / ${lanes}u)`));
    const write = (place: string): string =>
      `${dialect.atomicAnd(place, `~(${(2 ** bits - 1) >>> 0}u << ${shift})`)} ${dialect.atomicOr(place, `${code} << ${shift}`)}`;
    s.line(this.#pick(word, write, 4));
  }

  /** Writes a whole word: `perWord(dtype)` elements from element `word * perWord(dtype)` on. */
  storeWord(word: string, values: readonly string[]): void {
    const bits = 8 * byteSize(this.dtype);
    const code = values.map((value, k) => (k === 0 ? this.encode(value) : `(${this.encode(value)} << ${k * bits}u)`));
    this.#source.line(this.#pick(word, (place) => `${place} = ${code.join(" | ")};`, 4));
  }

  /** The bits of a narrow value, in the low end of a uint32. */
  encode(value: string): string {
    const s = this.#source;
    const { dialect } = s;
    switch (this.dtype) {
      case "float16":
        return s.call("toFloat16", value);
      case "bfloat16":
        return s.call("toBfloat16", value);
      case "bool":
        return dialect.select(value, "1u", "0u");
      default:
        return `(${dialect.toUint(value)} & 255u)`;
    }
  }

  /** A statement on the element at `index`, in the segment that holds it. */
  #pick(index: string, statement: (place: string) => string, elementBytes = byteSize(this.dtype)): string {
    let first = 0;
    const parts = this.#segments.map(({ name, bytes }, i): string => {
      const at = first;
      first += bytes / elementBytes;
      const text = statement(`${name}[${at === 0 ? index : `${index} - ${at}`}]`);
      if (this.#segments.length === 1) return text;
      return i === this.#segments.length - 1 ? `{ ${text} }` : `if (${index} < ${first}) { ${text} }`;
    });
    return parts.join(" else ");
  }

  #unpack(): string {
    const { dialect } = this.#source;
    const width = 8 * byteSize(this.dtype);
    const lanes = perWord(this.dtype);
    return [
      dialect.let("uint32", "u", dialect.toUint("i")),
      dialect.let("int32", "w", dialect.toInt(`(u / ${lanes}u)`)),
      dialect.variable("uint32", "word"),
      this.#pick("w", (place) => `word = ${this.#atomic ? dialect.atomicLoad(place) : place};`, 4),
      dialect.let("uint32", "code", `(word >> ((u & ${lanes - 1}u) * ${width}u)) & ${2 ** width - 1}u`),
      `return ${this.#decode("code")};`,
    ].join(" ");
  }

  #decode(code: string): string {
    const s = this.#source;
    const signed = s.dialect.toInt(code);
    switch (this.dtype) {
      case "float16":
        return s.call("fromFloat16", code);
      case "bfloat16":
        return s.call("fromBfloat16", code);
      case "bool":
        return `${code} != 0u`;
      case "int8":
        return `(${signed} << 24u) >> 24u`;
      default:
        return signed;
    }
  }
}
