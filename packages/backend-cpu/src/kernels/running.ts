import type { ComputeType, ScanKernel } from "@gradloom/backend";
import { exp } from "../scalar/exp.ts";
import { type FloatLanes, float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import { log1p } from "../scalar/log.ts";
import type { Scope } from "../scalar/scope.ts";
import { f32x4, f64x2, i32x4, v128 } from "../wasm/simd.ts";
import type { I32, Local, V128 } from "../wasm/value.ts";
import { splat } from "./arithmetic.ts";

type State = readonly Local<"v128">[];

/** What a scan carries along its axis, in each lane. */
export interface Running {
  /** Lanes of the vectors it works on: 2 where it calculates in float64. */
  readonly lanes: 2 | 4;
  start(): V128[];
  /** Takes in one element per lane. */
  add(s: Scope, state: State, value: V128, position: I32): void;
  /** Takes in the state of what follows. */
  merge(s: Scope, state: State, later: readonly V128[]): void;
  result(state: State): V128;
}

/** A fold by one operation in a float type or on integers. */
const total = (
  lanes: 2 | 4,
  start: () => V128,
  operation: (s: Scope, a: V128, b: V128) => V128,
  widen: (v: V128) => V128 = (v) => v,
  narrow: (v: V128) => V128 = (v) => v,
): Running => {
  const take = (s: Scope, [state]: State, value: V128): void => {
    const sum = state as Local<"v128">;
    s.f.set(sum, operation(s, sum, value));
  };
  return {
    lanes,
    start: () => [start()],
    add: (s, state, value) => take(s, state, widen(value)),
    merge: (s, state, [later]) => take(s, state, later as V128),
    result: ([state]) => narrow(state as V128),
  };
};

/** log(e^a + e^b) */
const logAddExp = (s: Scope, a: V128, b: V128): V128 => {
  const F = float64Lanes;
  const x = s.keep(a);
  const y = s.keep(b);
  const high = s.keep(F.max(x, y));
  const low = F.min(x, y);
  const sum = F.add(high, log1p(F, s, exp(F, s, F.sub(low, high))));
  return v128.bitselect(sum, high, F.lt(F.abs(high), F.const(Infinity)));
};

/** Position of the latest extreme; NaN beats numbers. */
const extreme = (type: ComputeType, largest: boolean): Running => {
  const F: FloatLanes | undefined = type === "float32" ? float32Lanes : type === "float64" ? float64Lanes : undefined;
  const reaches = (a: V128, b: V128): V128 => {
    if (F !== undefined) return F.toBool(v128.or(largest ? F.ge(a, b) : F.le(a, b), F.ne(a, a)));
    if (type === "int32") return largest ? i32x4.geS(a, b) : i32x4.leS(a, b);
    return largest ? i32x4.geU(a, b) : i32x4.leU(a, b);
  };
  const select = (s: Scope, state: State, value: V128, position: V128, take: V128): void => {
    const [best, at, started] = state as readonly [Local<"v128">, Local<"v128">, Local<"v128">];
    const mask = s.keep(take);
    s.f.set(best, v128.bitselect(value, best, F === float64Lanes ? float64Lanes.fromBool(mask) : mask));
    s.f.set(at, v128.bitselect(position, at, mask));
    s.f.set(started, v128.or(started, mask));
  };
  return {
    lanes: type === "float64" ? 2 : 4,
    start: () => [splat(0), splat(0), splat(0)],
    add: (s, state, value, position) => {
      const here = s.keep(value);
      const take = v128.or(reaches(here, state[0] as V128), v128.not(state[2] as V128));
      select(s, state, here, i32x4.splat(position), take);
    },
    merge: (s, state, [value, position, there]) => {
      const here = s.keep(value as V128);
      const take = v128.or(reaches(here, state[0] as V128), v128.not(state[2] as V128));
      select(s, state, here, position as V128, v128.and(there as V128, take));
    },
    result: ([, at]) => at as V128,
  };
};

const plain = (operation: (a: V128, b: V128) => V128) => (_: Scope, a: V128, b: V128) => operation(a, b);

const integers = (signed: boolean): Readonly<Record<ScanKernel["operation"], (() => Running) | undefined>> => {
  const type = signed ? "int32" : "uint32";
  return {
    sum: () => total(4, () => splat(0), plain(i32x4.add)),
    prod: () => total(4, () => splat(1), plain(i32x4.mul)),
    max: () => total(4, () => splat(signed ? -(2 ** 31) : 0), plain(signed ? i32x4.maxS : i32x4.maxU)),
    min: () => total(4, () => splat(signed ? 2 ** 31 - 1 : -1), plain(signed ? i32x4.minS : i32x4.minU)),
    logAddExp: undefined,
    argmax: () => extreme(type, true),
    argmin: () => extreme(type, false),
  };
};

/** Totals of float32 are kept in float64. */
const floats = (type: "float32" | "float64"): Readonly<Record<ScanKernel["operation"], () => Running>> => {
  const F = type === "float32" ? float32Lanes : float64Lanes;
  const D = float64Lanes;
  const wide = (start: number, operation: (s: Scope, a: V128, b: V128) => V128): Running =>
    type === "float64"
      ? total(2, () => D.const(start), operation)
      : total(2, () => D.const(start), operation, f64x2.promoteLowF32x4, f32x4.demoteF64x2Zero);
  return {
    sum: () => wide(0, plain(D.add)),
    prod: () => wide(1, plain(D.mul)),
    max: () => total(type === "float32" ? 4 : 2, () => F.const(-Infinity), plain(F.max)),
    min: () => total(type === "float32" ? 4 : 2, () => F.const(Infinity), plain(F.min)),
    logAddExp: () => wide(-Infinity, logAddExp),
    argmax: () => extreme(type, true),
    argmin: () => extreme(type, false),
  };
};

const table: Readonly<
  Record<ComputeType, Readonly<Record<ScanKernel["operation"], (() => Running) | undefined>> | undefined>
> = {
  float32: floats("float32"),
  float64: floats("float64"),
  int32: integers(true),
  uint32: integers(false),
  bool: undefined,
};

/** What a scan of a type carries. */
export const runningOf = (operation: ScanKernel["operation"], type: ComputeType): Running => {
  const make = table[type]?.[operation];
  if (make === undefined) throw new Error(`no scan of ${type} by ${operation}`);
  return make();
};
