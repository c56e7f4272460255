import type { BinaryOp, binaryTypes, ComparisonOp, ComputeType, UnaryOp, unaryTypes } from "@gradloom/backend";
import type { Dialect, Use } from "../dialect.ts";
import type { LibraryName } from "./functions.ts";

/** Arguments are names or literals. */
type Unary = (x: string, use: Use) => string;
type Binary = (a: string, b: string, use: Use) => string;

type Column = Exclude<ComputeType, "float64">;
type Row<C extends ComputeType, F> = { readonly [Type in Extract<C, Column>]: F };

const float = <F>(f: F) => ({ float32: f });
const integers = <F>(f: F, g: F = f) => ({ int32: f, uint32: g });

/** A call of a function of WGSL. */
const builtin =
  (name: string) =>
  (...args: string[]): string =>
    `${name}(${args.join(", ")})`;

/** A call of one of our own functions. */
const own1 =
  (name: LibraryName): Unary =>
  (x, use) => {
    use(name);
    return `${name}(${x})`;
  };
const own2 =
  (name: LibraryName): Binary =>
  (a, b, use) => {
    use(name);
    return `${name}(${a}, ${b})`;
  };

/** Numbers as `literal` of the dialect prints them, which is what the text of an argument may be besides a name. */
const isLiteral = (text: string): boolean => /^[\d(]/.test(text);

/** WGSL refuses constant expressions that overflow, or that have no result: such are calculated at run time. */
const atRunTime: Unary = (x, use) => (isLiteral(x) ? own1("atRunTime")(x, use) : x);

const call1 =
  (name: string): Unary =>
  (x) =>
    builtin(name)(x);
const call2 =
  (name: string): Binary =>
  (a, b) =>
    builtin(name)(a, b);
const infix =
  (operator: string): Binary =>
  (a, b) =>
    `${a} ${operator} ${b}`;
const floatInfix =
  (operator: string): Binary =>
  (a, b, use) =>
    `${isLiteral(b) ? atRunTime(a, use) : a} ${operator} ${b}`;
const prefix =
  (operator: string): Unary =>
  (x) =>
    `${operator}${x}`;
const same: Unary = (x) => x;

const unary: { readonly [Op in UnaryOp]: Row<(typeof unaryTypes)[Op][number], Unary> } = {
  neg: { ...float(prefix("-")), ...integers<Unary>(prefix("-"), (x) => `(~${x} + 1u)`) },
  abs: { ...float(call1("abs")), ...integers(call1("abs"), same) },
  sign: { ...float(own1("signFloat")), ...integers(call1("sign"), (x) => `min(${x}, 1u)`) },
  not: { ...integers(prefix("~")), bool: prefix("!") },
  floor: float(call1("floor")),
  ceil: float(call1("ceil")),
  round: float(call1("round")),
  trunc: float(call1("trunc")),
  sqrt: float((x, use) => `sqrt(${atRunTime(x, use)})`),
  exp: float(own1("expFloat")),
  expm1: float(own1("expm1Float")),
  log: float(own1("logFloat")),
  log1p: float(own1("log1pFloat")),
  sin: float(own1("sinFloat")),
  cos: float(own1("cosFloat")),
  atan: float(own1("atanFloat")),
  tanh: float(own1("tanhFloat")),
  erf: float(own1("erfFloat")),
};

/** The exponents that gradients and formulas are full of are multiplied out. */
const floatPower: Binary = (a, b, use) => {
  if (!isLiteral(a)) {
    if (b === "1.0f") return a;
    if (b === "2.0f") return `${a} * ${a}`;
    if (b === "3.0f") return `${a} * ${a} * ${a}`;
    if (b === "(-1.0f)") return `1.0f / ${a}`;
  }
  return own2("powFloat")(a, b, use);
};

const binary: { readonly [Op in BinaryOp]: Row<(typeof binaryTypes)[Op][number], Binary> } = {
  add: { ...float(floatInfix("+")), ...integers(infix("+")) },
  sub: { ...float(floatInfix("-")), ...integers(infix("-")) },
  mul: { ...float(floatInfix("*")), ...integers(infix("*")) },
  div: {
    ...float<Binary>((a, b, use) => (b === "0.0f" ? own1("overZero")(a, use) : floatInfix("/")(a, b, use))),
    ...integers(own2("divInt"), own2("divUint")),
  },
  rem: { ...float(own2("remFloat")), ...integers(own2("remInt"), own2("remUint")) },
  pow: { ...float(floatPower), ...integers(own2("powInt"), own2("powUint")) },
  atan2: float(own2("atan2Float")),
  min: { ...float(own2("minFloat")), ...integers(call2("min")) },
  max: { ...float(own2("maxFloat")), ...integers(call2("max")) },
  and: { ...integers(infix("&")), bool: infix("&") },
  or: { ...integers(infix("|")), bool: infix("|") },
  xor: { ...integers(infix("^")), bool: infix("!=") },
  shl: integers(own2("shlInt"), own2("shlUint")),
  shr: integers(own2("shrInt"), own2("shrUint")),
};

const comparison: Readonly<Record<ComparisonOp, string>> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

const column = <F>(row: object, type: ComputeType): F => (row as Record<string, F>)[type] as F;

export const unaryText: Dialect["unary"] = (op, type, x, use) => column<Unary>(unary[op], type)(x, use);

export const binaryText: Dialect["binary"] = (op, type, a, b, use) => column<Binary>(binary[op], type)(a, b, use);

/**
 * Devices may take for granted that no float is NaN, and so that `x == x` holds: what is true of equal floats is checked by bits. `!=` of
 * WGSL is false where the right side is NaN.
 */
export const comparisonText: Dialect["comparison"] = (op, type, a, b, use) => {
  if (type !== "float32" || op === "lt" || op === "gt") return `${a} ${comparison[op]} ${b}`;
  use("isNaN");
  return op === "ne" ? `(!(${a} == ${b}) || isNaN(${a}))` : `(${a} ${comparison[op]} ${b} && !isNaN(${a}))`;
};

const fromFloat: Record<Column, Unary> = {
  float32: same,
  int32: own1("floatToInt"),
  uint32: own1("floatToUint"),
  // By its bits: devices may take a number below the normal ones for 0.
  bool: (x) => `((bitcast<u32>(${x}) & 0x7fffffffu) != 0u)`,
};
const fromInteger = (zero: string, float32: Unary, uint32: Unary, int32: Unary): Record<Column, Unary> => ({
  float32,
  int32,
  uint32,
  bool: (x) => `(${x} != ${zero})`,
});

/** `roundTo`: the rows are the types to convert from, the columns those to convert to. */
const conversions: Record<Column, Record<Column, Unary>> = {
  float32: fromFloat,
  int32: fromInteger("0i", call1("f32"), (x) => `u32(max(${x}, 0i))`, same),
  uint32: fromInteger("0u", own1("uintToFloat"), same, (x) => `i32(min(${x}, 2147483647u))`),
  bool: {
    float32: (x) => `select(0.0f, 1.0f, ${x})`,
    int32: (x) => `select(0i, 1i, ${x})`,
    uint32: (x) => `select(0u, 1u, ${x})`,
    bool: same,
  },
};

export const convertText: Dialect["convert"] = (from, to, x, use) => conversions[from as Column][to as Column](x, use);

export const narrowText: Dialect["narrow"] = (dtype, x, use) => {
  switch (dtype) {
    case "float16":
      use("roundFloat16");
      return `roundFloat16(${x})`;
    case "bfloat16":
      use("roundBfloat16");
      return `roundBfloat16(${x})`;
    case "int8":
      return `extractBits(${x}, 0u, 8u)`;
    case "uint8":
      return `(${x} & 255i)`;
  }
};
