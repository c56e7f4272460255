import { unsignedLeb } from "./encoding.ts";
import {
  asI32,
  constF32,
  constF64,
  constI32,
  constI64,
  type I32,
  type I32Like,
  Value,
  type ValueType,
} from "./value.ts";

// Operations on i32, i64, f32 and f64, under their names in the WebAssembly specification.

const unary =
  <T extends ValueType, A extends ValueType>(type: T, arg: A, ...code: number[]) =>
  (a: Value<A>): Value<T> =>
    expect(new Value(type, code, [a]), arg);

const binary =
  <T extends ValueType>(type: T, ...code: number[]) =>
  (a: Value<T>, b: Value<T>): Value<T> =>
    expect(new Value(type, code, [a, b]), type);

const compare =
  <A extends ValueType>(arg: A, ...code: number[]) =>
  (a: Value<A>, b: Value<A>): I32 =>
    expect(new Value("i32", code, [a, b]), arg);

/** Types are checked at build time; this catches what a cast let through. */
const expect = <T extends ValueType>(value: Value<T>, arg: ValueType): Value<T> => {
  for (const { type } of value.args) if (type !== arg) throw new Error(`expected a ${arg} argument, got ${type}`);
  return value;
};

const load =
  <T extends ValueType>(type: T, align: number, ...code: number[]) =>
  (address: I32, offset = 0): Value<T> =>
    new Value(type, [...code, align, ...unsignedLeb(offset)], [address]);

const binaryI32 =
  (...code: number[]) =>
  (a: I32Like, b: I32Like): I32 =>
    expect(new Value("i32", code, [asI32(a), asI32(b)]), "i32");

export const i32 = {
  const: constI32,
  load: load("i32", 2, 0x28),
  load8S: load("i32", 0, 0x2c),
  load16U: load("i32", 1, 0x2f),
  eqz: unary("i32", "i32", 0x45),
  eq: binaryI32(0x46),
  ne: binaryI32(0x47),
  ltS: binaryI32(0x48),
  ltU: binaryI32(0x49),
  gtS: binaryI32(0x4a),
  gtU: binaryI32(0x4b),
  leS: binaryI32(0x4c),
  leU: binaryI32(0x4d),
  geS: binaryI32(0x4e),
  add: binaryI32(0x6a),
  sub: binaryI32(0x6b),
  mul: binaryI32(0x6c),
  divS: binaryI32(0x6d),
  divU: binaryI32(0x6e),
  remU: binaryI32(0x70),
  and: binaryI32(0x71),
  or: binaryI32(0x72),
  xor: binaryI32(0x73),
  shl: binaryI32(0x74),
  shrS: binaryI32(0x75),
  shrU: binaryI32(0x76),
  wrapI64: unary("i32", "i64", 0xa7),
  truncSatF64S: unary("i32", "f64", 0xfc, 2),
};

export const i64 = {
  const: constI64,
  load: load("i64", 3, 0x29),
  eqz: unary("i32", "i64", 0x50),
  ne: compare("i64", 0x52),
  ltS: compare("i64", 0x53),
  ltU: compare("i64", 0x54),
  gtS: compare("i64", 0x55),
  gtU: compare("i64", 0x56),
  leU: compare("i64", 0x58),
  geU: compare("i64", 0x5a),
  clz: unary("i64", "i64", 0x79),
  add: binary("i64", 0x7c),
  sub: binary("i64", 0x7d),
  mul: binary("i64", 0x7e),
  and: binary("i64", 0x83),
  or: binary("i64", 0x84),
  shl: binary("i64", 0x86),
  shrU: binary("i64", 0x88),
  extendI32U: unary("i64", "i32", 0xad),
  reinterpretF64: unary("i64", "f64", 0xbd),
  truncSatF64S: unary("i64", "f64", 0xfc, 6),
};

export const f32 = {
  const: constF32,
  demoteF64: unary("f32", "f64", 0xb6),
};

export const f64 = {
  const: constF64,
  neg: unary("f64", "f64", 0x9a),
  add: binary("f64", 0xa0),
  sub: binary("f64", 0xa1),
  mul: binary("f64", 0xa2),
  copysign: binary("f64", 0xa6),
  convertI32S: unary("f64", "i32", 0xb7),
  convertI64U: unary("f64", "i64", 0xba),
  promoteF32: unary("f64", "f32", 0xbb),
  reinterpretI64: unary("f64", "i64", 0xbf),
};

/** `condition ? a : b`; both are calculated. */
export const select = <T extends ValueType>(condition: I32, a: Value<T>, b: Value<T>): Value<T> =>
  a.type === "v128"
    ? new Value(a.type, [0x1c, 1, 0x7b], [a, b, condition])
    : new Value(a.type, [0x1b], [a, b, condition]);
