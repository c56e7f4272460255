import { littleEndian, unsignedLeb } from "./encoding.ts";
import { asI32, constV128, type I32, type I32Like, type V128, Value, type ValueType } from "./value.ts";

// 128-bit vector operations, under their names in the WebAssembly specification.

const code = (opcode: number): number[] => [0xfd, ...unsignedLeb(opcode)];

const checked = <T extends ValueType>(value: Value<T>): Value<T> => {
  for (const { type } of value.args) if (type !== "v128") throw new Error(`expected a v128 argument, got ${type}`);
  return value;
};

const unary = (opcode: number) => {
  const bytes = code(opcode);
  return (a: V128): V128 => checked(new Value("v128", bytes, [a]));
};
const binary = (opcode: number) => {
  const bytes = code(opcode);
  return (a: V128, b: V128): V128 => checked(new Value("v128", bytes, [a, b]));
};
const ternary = (opcode: number) => {
  const bytes = code(opcode);
  return (a: V128, b: V128, c: V128): V128 => checked(new Value("v128", bytes, [a, b, c]));
};
const shift = (opcode: number) => {
  const bytes = code(opcode);
  return (a: V128, count: I32Like): V128 => new Value("v128", bytes, [a, asI32(count)]);
};
const test = (opcode: number) => {
  const bytes = code(opcode);
  return (a: V128): I32 => checked(new Value("i32", bytes, [a]));
};
const load =
  (opcode: number, align: number) =>
  (address: I32, offset = 0): V128 =>
    new Value("v128", [...code(opcode), align, ...unsignedLeb(offset)], [address]);
const loadLane =
  (opcode: number, align: number) =>
  (address: I32, vector: V128, lane: number, offset = 0): V128 =>
    new Value("v128", [...code(opcode), align, ...unsignedLeb(offset), lane], [address, vector]);
const splat =
  <T extends ValueType>(opcode: number) =>
  (a: Value<T>): V128 =>
    new Value("v128", code(opcode), [a]);
const extract =
  <T extends ValueType>(opcode: number, type: T) =>
  (a: V128, lane: number): Value<T> =>
    checked(new Value(type, [...code(opcode), lane], [a]));
const replace =
  <T extends ValueType>(opcode: number) =>
  (a: V128, lane: number, value: Value<T>): V128 =>
    new Value("v128", [...code(opcode), lane], [a, value]);

const splats = { i32: new Map<number, V128>(), f32: new Map<number, V128>(), f64: new Map<number, V128>() };
const negativeZeros = new Map<string, V128>();
/** Programs may use any number of constants, so not all are remembered. */
const mostSplats = 1000;

/** One number in all lanes; formulas use the same ones again and again. */
const splatConstant = (type: keyof typeof splats, n: number): V128 => {
  // A map takes -0 for 0.
  const minus = Object.is(n, -0);
  const known = minus ? negativeZeros.get(type) : splats[type].get(n);
  if (known !== undefined) return known;
  const lane = littleEndian(type, n);
  const made = constV128(lane.length === 4 ? [...lane, ...lane, ...lane, ...lane] : [...lane, ...lane]);
  if (minus) negativeZeros.set(type, made);
  else if (splats[type].size < mostSplats) splats[type].set(n, made);
  return made;
};

export const v128 = {
  const: constV128,
  load: load(0, 4),
  load8Splat: load(7, 0),
  load16Splat: load(8, 1),
  load32Splat: load(9, 2),
  load64Splat: load(10, 3),
  load32Zero: load(92, 2),
  load64Zero: load(93, 3),
  load8Lane: loadLane(84, 0),
  load16Lane: loadLane(85, 1),
  load32Lane: loadLane(86, 2),
  load64Lane: loadLane(87, 3),
  not: unary(77),
  and: binary(78),
  /** `a & ~b` */
  andnot: binary(79),
  or: binary(80),
  xor: binary(81),
  /** Bits of `a` where `mask` has ones, of `b` elsewhere. */
  bitselect: ternary(82),
  anyTrue: test(83),
};

/** Byte `i` of the result is byte `lanes[i]` of `a` (0-15) and `b` (16-31). */
const shuffle = (a: V128, b: V128, lanes: readonly number[]): V128 => {
  if (lanes.length !== 16 || lanes.some((lane) => lane < 0 || lane > 31)) {
    throw new Error(`a shuffle names 16 bytes of 32, got [${lanes.join(",")}]`);
  }
  return checked(new Value("v128", [0xfd, 13, ...lanes], [a, b]));
};

export const i8x16 = {
  shuffle,
  narrowI16x8U: binary(102),
};

export const i16x8 = {
  load8x8S: load(1, 3),
  narrowI32x4U: binary(134),
  extendLowI8x16S: unary(135),
  extendLowI8x16U: unary(137),
};

export const i32x4 = {
  const: (a: number, b: number, c: number, d: number): V128 => {
    if (a === b && a === c && a === d) return splatConstant("i32", a | 0);
    return constV128([a, b, c, d].flatMap((n) => littleEndian("i32", n | 0)));
  },
  splat: splat<"i32">(17),
  extractLane: extract(27, "i32"),
  replaceLane: replace<"i32">(28),
  eq: binary(55),
  ne: binary(56),
  ltS: binary(57),
  ltU: binary(58),
  gtS: binary(59),
  gtU: binary(60),
  leS: binary(61),
  leU: binary(62),
  geS: binary(63),
  geU: binary(64),
  abs: unary(160),
  neg: unary(161),
  bitmask: test(164),
  extendLowI16x8S: unary(167),
  extendLowI16x8U: unary(169),
  shl: shift(171),
  shrS: shift(172),
  shrU: shift(173),
  add: binary(174),
  sub: binary(177),
  mul: binary(181),
  minS: binary(182),
  minU: binary(183),
  maxS: binary(184),
  maxU: binary(185),
  truncSatF32x4S: unary(248),
  truncSatF32x4U: unary(249),
  truncSatF64x2SZero: unary(252),
  truncSatF64x2UZero: unary(253),
};

export const i64x2 = {
  const: (a: bigint, b: bigint): V128 => constV128([a, b].flatMap((n) => littleEndian("i64", BigInt.asIntN(64, n)))),
  extractLane: extract(29, "i64"),
  replaceLane: replace<"i64">(30),
  bitmask: test(196),
  extendLowI32x4S: unary(199),
  extendLowI32x4U: unary(201),
  shl: shift(203),
  shrS: shift(204),
  shrU: shift(205),
  add: binary(206),
  sub: binary(209),
  mul: binary(213),
  eq: binary(214),
  gtS: binary(217),
};

export const f32x4 = {
  const: (a: number, b: number, c: number, d: number): V128 => {
    if (Object.is(a, b) && Object.is(a, c) && Object.is(a, d)) return splatConstant("f32", a);
    return constV128([a, b, c, d].flatMap((n) => littleEndian("f32", n)));
  },
  splat: splat<"f32">(19),
  extractLane: extract(31, "f32"),
  replaceLane: replace<"f32">(32),
  eq: binary(65),
  ne: binary(66),
  lt: binary(67),
  gt: binary(68),
  le: binary(69),
  ge: binary(70),
  demoteF64x2Zero: unary(94),
  ceil: unary(103),
  floor: unary(104),
  trunc: unary(105),
  nearest: unary(106),
  abs: unary(224),
  neg: unary(225),
  sqrt: unary(227),
  add: binary(228),
  sub: binary(229),
  mul: binary(230),
  div: binary(231),
  min: binary(232),
  max: binary(233),
  /** `b < a ? b : a` */
  pmin: binary(234),
  /** `a < b ? b : a` */
  pmax: binary(235),
  convertI32x4S: unary(250),
  convertI32x4U: unary(251),
};

export const f64x2 = {
  const: (a: number, b: number): V128 => {
    if (Object.is(a, b)) return splatConstant("f64", a);
    return constV128([a, b].flatMap((n) => littleEndian("f64", n)));
  },
  splat: splat<"f64">(20),
  extractLane: extract(33, "f64"),
  replaceLane: replace<"f64">(34),
  eq: binary(71),
  ne: binary(72),
  lt: binary(73),
  gt: binary(74),
  le: binary(75),
  ge: binary(76),
  promoteLowF32x4: unary(95),
  ceil: unary(116),
  floor: unary(117),
  trunc: unary(122),
  nearest: unary(148),
  abs: unary(236),
  neg: unary(237),
  sqrt: unary(239),
  add: binary(240),
  sub: binary(241),
  mul: binary(242),
  div: binary(243),
  min: binary(244),
  max: binary(245),
  pmin: binary(246),
  pmax: binary(247),
  convertLowI32x4S: unary(254),
  convertLowI32x4U: unary(255),
};

/** Relaxed SIMD: results may differ between machines in rounding; only where the engine has it. */
export const relaxed = {
  /** `a * b + c`, fused where the machine can */
  f32x4Madd: ternary(0x105),
  /** `c - a * b` */
  f32x4Nmadd: ternary(0x106),
  f64x2Madd: ternary(0x107),
  f64x2Nmadd: ternary(0x108),
  /** As bitselect, for masks whose lanes are all ones or all zeros. */
  i32x4Laneselect: ternary(0x10b),
  i64x2Laneselect: ternary(0x10c),
};
