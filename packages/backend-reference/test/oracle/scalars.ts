import type { BinaryOp, ComparisonOp, ComputeType, DType, Reduction, UnaryOp } from "@gradloom/backend";
import { roundTo } from "@gradloom/backend";

/** Whole numbers are calculated as BigInt and brought back to 32 bits. */
const whole = (type: ComputeType, value: bigint): number =>
  Number(type === "int32" ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value));

const isWhole = (type: ComputeType): boolean => type === "int32" || type === "uint32";

const round = (type: ComputeType, value: number): number =>
  type === "float32" ? new Float32Array([value])[0]! : value;

/** Rounds to even by counting halves. */
const toEven = (x: number): number => {
  if (Math.abs(x) >= 2 ** 52 || Number.isNaN(x)) return x;
  // Adding 2^52 pushes the fraction out, and IEEE addition rounds ties to even.
  const size = Math.abs(x) + 2 ** 52 - 2 ** 52;
  return x < 0 || Object.is(x, -0) ? -size : size;
};

const floatUnary: Readonly<Record<Exclude<UnaryOp, "not" | "erf">, (x: number) => number>> = {
  neg: (x) => 0 - x || -1 * x,
  abs: (x) => (x < 0 || Object.is(x, -0) ? -x : x),
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x),
  floor: (x) => (toEven(x) > x ? toEven(x) - 1 : toEven(x)),
  ceil: (x) => (toEven(x) < x ? (toEven(x) + 1 === 0 ? -0 : toEven(x) + 1) : toEven(x)),
  round: toEven,
  trunc: (x) => (x < 0 ? (Math.ceil(x) === 0 ? -0 : Math.ceil(x)) : Math.floor(x)),
  sqrt: (x) => (x === 0 ? x : x < 0 ? Number.NaN : x ** 0.5),
  exp: (x) => (Math.abs(x) < 1 ? 1 + Math.expm1(x) : Math.exp(x)),
  expm1: (x) => (Math.abs(x) < 0.5 ? 2 * Math.sinh(x / 2) * Math.exp(x / 2) : Math.exp(x) - 1),
  log: (x) => (x <= 0 || !(x < Infinity) ? Math.log(x) : Math.log2(x) * Math.LN2),
  log1p: (x) => (Math.abs(x) < 0.3 ? 2 * Math.atanh(x / (2 + x)) : Math.log(1 + x)),
  sin: Math.sin,
  cos: (x) => 1 - 2 * Math.sin(x / 2) ** 2,
  atan: (x) => Math.atan2(x, 1),
  tanh: (x) => (Math.abs(x) > 20 ? Math.sign(x) : Math.sinh(x) / Math.cosh(x)),
};

/** Simpson's rule on the derivative of erf. */
const erf = (x: number): number => {
  if (!(Math.abs(x) < 7)) return Math.sign(x);
  const steps = 2000;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    sum += Math.exp(-((i * h) ** 2)) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return (2 / Math.sqrt(Math.PI)) * ((h * sum) / 3);
};

export const unary = (op: UnaryOp, type: ComputeType, x: number): number => {
  if (op === "not") return type === "bool" ? Number(x === 0) : whole(type, ~BigInt(x));
  if (op === "erf") return round(type, erf(x));
  if (!isWhole(type)) return round(type, floatUnary[op](x));
  const n = BigInt(x);
  return whole(type, op === "neg" ? -n : op === "abs" ? (n < 0n ? -n : n) : n > 0n ? 1n : n < 0n ? -1n : 0n);
};

const bits = (value: bigint): bigint[] => [...value.toString(2)].map(BigInt);

const wholeBinary: Readonly<Record<Exclude<BinaryOp, "atan2">, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  rem: (a, b) => (b === 0n ? 0n : a % b),
  // Square and multiply from the highest bit, modulo 2^32.
  pow: (a, b) =>
    b < 0n
      ? a * a === 1n
        ? b % 2n === 0n
          ? 1n
          : a
        : 0n
      : bits(b).reduce((result, bit) => BigInt.asUintN(32, result * result * (bit === 1n ? a : 1n)), 1n),
  min: (a, b) => (a - b < 0n ? a : b),
  max: (a, b) => (a - b > 0n ? a : b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => (b < 0n || b > 31n ? 0n : a * 2n ** b),
  shr: (a, b) => (b < 0n || b > 31n ? (a < 0n ? -1n : 0n) : a >> b),
};

const floatBinary: Readonly<
  Record<Exclude<BinaryOp, "and" | "or" | "xor" | "shl" | "shr">, (a: number, b: number) => number>
> = {
  add: (a, b) => b + a,
  sub: (a, b) => a + -1 * b,
  mul: (a, b) => b * a,
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  pow: (a, b) => (a === 1 || b === 0 ? 1 : a === -1 && !Number.isFinite(b) && !Number.isNaN(b) ? 1 : a ** b),
  atan2: Math.atan2,
  min: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b)),
  max: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b)),
};

export const binary = (op: BinaryOp, type: ComputeType, a: number, b: number): number => {
  if (type === "bool") return Number(op === "and" ? a + b === 2 : op === "or" ? a + b > 0 : a !== b);
  if (isWhole(type)) return whole(type, wholeBinary[op as keyof typeof wholeBinary](BigInt(a), BigInt(b)));
  return round(type, floatBinary[op as keyof typeof floatBinary](a, b));
};

export const compareValues = (op: ComparisonOp, a: number, b: number): number => {
  const order = a < b ? "lt" : a > b ? "gt" : a === b ? "eq" : "none";
  const holds = { eq: ["eq"], ne: ["lt", "gt", "none"], lt: ["lt"], gt: ["gt"], le: ["lt", "eq"], ge: ["gt", "eq"] };
  return Number(holds[op].includes(order));
};

export const cast = (to: DType, x: number): number => {
  if (to === "bool") return Number(x !== 0);
  if (to === "float32" || to === "float64") return round(to, x);
  if (to === "float16" || to === "bfloat16") return roundTo(to, x);
  const [low, high] = to === "uint32" ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
  const saturated = Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high)) || 0;
  return to === "int8" ? Int8Array.of(saturated)[0]! : to === "uint8" ? Uint8Array.of(saturated)[0]! : saturated;
};

/** A reduction of a list of values, by its definition. */
export const fold = (reduction: Reduction, type: ComputeType, list: readonly number[]): number => {
  const strange = list.findIndex(Number.isNaN);
  const [low, high] = {
    float32: [-Infinity, Infinity],
    float64: [-Infinity, Infinity],
    int32: [-(2 ** 31), 2 ** 31 - 1],
    uint32: [0, 2 ** 32 - 1],
    bool: [0, 1],
  }[type] as [number, number];
  const largest = list.reduce((a, b) => Math.max(a, b), low);
  const smallest = list.reduce((a, b) => Math.min(a, b), high);
  switch (reduction) {
    case "sum":
      return isWhole(type)
        ? whole(
            type,
            list.reduce((sum, x) => sum + BigInt(x), 0n),
          )
        : round(
            type,
            list.reduce((sum, x) => sum + x, 0),
          );
    case "prod":
      return isWhole(type)
        ? whole(
            type,
            list.reduce((all, x) => all * BigInt(x), 1n),
          )
        : round(
            type,
            list.reduce((all, x) => all * x, 1),
          );
    case "max":
      return strange >= 0 ? Number.NaN : largest;
    case "min":
      return strange >= 0 ? Number.NaN : smallest;
    case "argmax":
      return Math.max(0, strange >= 0 ? strange : list.indexOf(largest));
    case "argmin":
      return Math.max(0, strange >= 0 ? strange : list.indexOf(smallest));
    case "any":
      return Number(list.includes(1));
    case "all":
      return Number(!list.includes(0));
  }
};
