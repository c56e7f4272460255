import { littleEndian, signedLeb, signedLeb64, unsignedLeb } from "./encoding.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Where instructions are written. */
export interface Emission {
  all(bytes: readonly number[]): void;
  /** Writes a vector constant, or what stands for it. */
  vectorConstant(code: readonly number[]): void;
}

/** The instructions that leave one value on the stack. They run where a statement of a `FunctionBuilder` takes the value. */
export class Value<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: readonly number[];
  readonly args: readonly Value[];
  private taken = false;

  constructor(type: T, code: readonly number[], args: readonly Value[] = []) {
    this.type = type;
    this.code = code;
    this.args = args;
  }

  /** Appends the instructions, arguments first. Only constants and locals may be emitted more than once. */
  emit(out: Emission): void {
    const { args } = this;
    if (args.length > 0) {
      if (this.taken) throw new Error("a WebAssembly value is used twice; keep it in a local");
      this.taken = true;
      for (let i = 0; i < args.length; i++) (args[i] as Value).emit(out);
    }
    if (this.code[0] === 0xfd && this.code[1] === vectorConstantCode) out.vectorConstant(this.code);
    else out.all(this.code);
  }
}

const vectorConstantCode = 12;

/** A variable of a function; as a value, its content where the value is taken. */
export class Local<T extends ValueType = ValueType> extends Value<T> {
  readonly index: number;

  constructor(type: T, index: number) {
    super(type, [0x20, ...unsignedLeb(index)]);
    this.index = index;
  }
}

export type I32 = Value<"i32">;
export type I64 = Value<"i64">;
export type F32 = Value<"f32">;
export type F64 = Value<"f64">;
export type V128 = Value<"v128">;

/** Number for an i32 constant, or the value itself. */
export type I32Like = I32 | number;

const smallIntegers: (I32 | undefined)[] = [];

export const constI32 = (value: number): I32 => {
  if (value < 0 || value > 256) return new Value("i32", [0x41, ...signedLeb(value | 0)]);
  let constant = smallIntegers[value];
  if (constant === undefined) {
    constant = new Value("i32", [0x41, ...signedLeb(value | 0)]);
    smallIntegers[value] = constant;
  }
  return constant;
};

export const constI64 = (value: bigint): I64 => new Value("i64", [0x42, ...signedLeb64(BigInt.asIntN(64, value))]);
export const constF32 = (value: number): F32 => new Value("f32", [0x43, ...littleEndian("f32", value)]);
export const constF64 = (value: number): F64 => new Value("f64", [0x44, ...littleEndian("f64", value)]);
/** A 128-bit constant from its 16 bytes. */
export const constV128 = (bytes: readonly number[]): V128 => {
  if (bytes.length !== 16) throw new Error(`a v128 constant has 16 bytes, got ${bytes.length}`);
  return new Value("v128", [0xfd, vectorConstantCode, ...bytes]);
};

export const asI32 = (value: I32Like): I32 => (typeof value === "number" ? constI32(value) : value);
