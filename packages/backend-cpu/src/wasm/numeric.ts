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
  load8U: load("i32", 0, 0x2d),
  load16S: load("i32", 1, 0x2e),
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
  geU: binaryI32(0x4f),
  clz: unary("i32", "i32", 0x67),
  ctz: unary("i32", "i32", 0x68),
  popcnt: unary("i32", "i32", 0x69),
  add: binaryI32(0x6a),
  sub: binaryI32(0x6b),
  mul: binaryI32(0x6c),
  divS: binaryI32(0x6d),
  divU: binaryI32(0x6e),
  remS: binaryI32(0x6f),
  remU: binaryI32(0x70),
  and: binaryI32(0x71),
  or: binaryI32(0x72),
  xor: binaryI32(0x73),
  shl: binaryI32(0x74),
  shrS: binaryI32(0x75),
  shrU: binaryI32(0x76),
  rotl: binaryI32(0x77),
  rotr: binaryI32(0x78),
  wrapI64: unary("i32", "i64", 0xa7),
  reinterpretF32: unary("i32", "f32", 0xbc),
  extend8S: unary("i32", "i32", 0xc0),
  extend16S: unary("i32", "i32", 0xc1),
  truncSatF32S: unary("i32", "f32", 0xfc, 0),
  truncSatF32U: unary("i32", "f32", 0xfc, 1),
  truncSatF64S: unary("i32", "f64", 0xfc, 2),
  truncSatF64U: unary("i32", "f64", 0xfc, 3),
};

export const i64 = {
  const: constI64,
  load: load("i64", 3, 0x29),
  load32S: load("i64", 2, 0x34),
  load32U: load("i64", 2, 0x35),
  eqz: unary("i32", "i64", 0x50),
  eq: compare("i64", 0x51),
  ne: compare("i64", 0x52),
  ltS: compare("i64", 0x53),
  ltU: compare("i64", 0x54),
  gtS: compare("i64", 0x55),
  gtU: compare("i64", 0x56),
  leS: compare("i64", 0x57),
  leU: compare("i64", 0x58),
  geS: compare("i64", 0x59),
  geU: compare("i64", 0x5a),
  clz: unary("i64", "i64", 0x79),
  ctz: unary("i64", "i64", 0x7a),
  add: binary("i64", 0x7c),
  sub: binary("i64", 0x7d),
  mul: binary("i64", 0x7e),
  divS: binary("i64", 0x7f),
  divU: binary("i64", 0x80),
  remS: binary("i64", 0x81),
  remU: binary("i64", 0x82),
  and: binary("i64", 0x83),
  or: binary("i64", 0x84),
  xor: binary("i64", 0x85),
  shl: binary("i64", 0x86),
  shrS: binary("i64", 0x87),
  shrU: binary("i64", 0x88),
  extendI32S: unary("i64", "i32", 0xac),
  extendI32U: unary("i64", "i32", 0xad),
  reinterpretF64: unary("i64", "f64", 0xbd),
  truncSatF64S: unary("i64", "f64", 0xfc, 6),
  truncSatF64U: unary("i64", "f64", 0xfc, 7),
};

export const f32 = {
  const: constF32,
  load: load("f32", 2, 0x2a),
  eq: compare("f32", 0x5b),
  ne: compare("f32", 0x5c),
  lt: compare("f32", 0x5d),
  gt: compare("f32", 0x5e),
  le: compare("f32", 0x5f),
  ge: compare("f32", 0x60),
  abs: unary("f32", "f32", 0x8b),
  neg: unary("f32", "f32", 0x8c),
  ceil: unary("f32", "f32", 0x8d),
  floor: unary("f32", "f32", 0x8e),
  trunc: unary("f32", "f32", 0x8f),
  nearest: unary("f32", "f32", 0x90),
  sqrt: unary("f32", "f32", 0x91),
  add: binary("f32", 0x92),
  sub: binary("f32", 0x93),
  mul: binary("f32", 0x94),
  div: binary("f32", 0x95),
  min: binary("f32", 0x96),
  max: binary("f32", 0x97),
  copysign: binary("f32", 0x98),
  convertI32S: unary("f32", "i32", 0xb2),
  convertI32U: unary("f32", "i32", 0xb3),
  demoteF64: unary("f32", "f64", 0xb6),
  reinterpretI32: unary("f32", "i32", 0xbe),
};

export const f64 = {
  const: constF64,
  load: load("f64", 3, 0x2b),
  eq: compare("f64", 0x61),
  ne: compare("f64", 0x62),
  lt: compare("f64", 0x63),
  gt: compare("f64", 0x64),
  le: compare("f64", 0x65),
  ge: compare("f64", 0x66),
  abs: unary("f64", "f64", 0x99),
  neg: unary("f64", "f64", 0x9a),
  ceil: unary("f64", "f64", 0x9b),
  floor: unary("f64", "f64", 0x9c),
  trunc: unary("f64", "f64", 0x9d),
  nearest: unary("f64", "f64", 0x9e),
  sqrt: unary("f64", "f64", 0x9f),
  add: binary("f64", 0xa0),
  sub: binary("f64", 0xa1),
  mul: binary("f64", 0xa2),
  div: binary("f64", 0xa3),
  min: binary("f64", 0xa4),
  max: binary("f64", 0xa5),
  copysign: binary("f64", 0xa6),
  convertI32S: unary("f64", "i32", 0xb7),
  convertI32U: unary("f64", "i32", 0xb8),
  convertI64S: unary("f64", "i64", 0xb9),
  convertI64U: unary("f64", "i64", 0xba),
  promoteF32: unary("f64", "f32", 0xbb),
  reinterpretI64: unary("f64", "i64", 0xbf),
};

/** `condition ? a : b`; both are calculated. */
export const select = <T extends ValueType>(condition: I32, a: Value<T>, b: Value<T>): Value<T> =>
  a.type === "v128"
    ? new Value(a.type, [0x1c, 1, 0x7b], [a, b, condition])
    : new Value(a.type, [0x1b], [a, b, condition]);
