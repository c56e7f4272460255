import type { ComputeType, Reduction } from "@gradloom/backend";
import { type FloatLanes, float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import type { Scope } from "../scalar/scope.ts";
import { i8x16, i32x4, v128 } from "../wasm/simd.ts";
import type { Local, V128 } from "../wasm/value.ts";
import { splat } from "./arithmetic.ts";

type Slots = readonly Local<"v128">[];

/** What lanes of elements are folded into: one or two vectors, whose lanes are folded into one at the end. */
export interface Fold {
  /** Bytes per lane of each vector. */
  readonly slots: readonly (4 | 8)[];
  /** Fresh vectors that stand for nothing yet. */
  identity(): V128[];
  /** Takes in one element per lane, save where `mask` (32-bit lanes) is zero; `position` is theirs among the reduced ones. */
  add(s: Scope, slots: Slots, value: V128, position: () => V128, mask: V128 | undefined): void;
  /** Takes in what other slots hold, lane by lane. */
  merge(s: Scope, slots: Slots, other: readonly V128[]): void;
  result(slots: readonly V128[]): V128;
}

/** A fold by one vector operation. */
const plain = (bytes: 4 | 8, identity: () => V128, operation: (a: V128, b: V128) => V128): Fold => ({
  slots: [bytes],
  identity: () => [identity()],
  add: (s, [total], value, _, mask) => {
    const here = mask === undefined ? value : v128.bitselect(value, identity(), bytes === 8 ? widen(mask) : mask);
    s.f.set(total as Local<"v128">, operation(total as V128, here));
  },
  merge: (s, [total], [other]) => s.f.set(total as Local<"v128">, operation(total as V128, other as V128)),
  result: ([total]) => total as V128,
});

const widen = float64Lanes.fromBool;

/** Largest or smallest float; the second vector remembers where NaN was, as the one-instruction maximum forgets it. */
const floatExtreme = (F: FloatLanes, pick: (a: V128, b: V128) => V128, start: number): Fold => {
  const bytes = F.type === "float32" ? 4 : 8;
  const merge: Fold["merge"] = (s, [best, nan], [value, otherNan]) => {
    s.f.set(best as Local<"v128">, pick(best as V128, value as V128));
    s.f.set(nan as Local<"v128">, v128.or(nan as V128, otherNan as V128));
  };
  return {
    slots: [bytes, bytes],
    identity: () => [F.const(start), splat(0)],
    add: (s, slots, value, _, mask) => {
      const wide = mask !== undefined && bytes === 8 ? widen(mask) : mask;
      const here = s.keep(wide === undefined ? value : v128.bitselect(value, F.const(start), wide));
      merge(s, slots, [here, F.ne(here, here)]);
    },
    merge,
    result: ([best, nan]) => v128.or(best as V128, nan as V128),
  };
};

/** A position that stands for none. */
const nowhere = 0x7fffffff;

/** Comparisons of one type; the masks have 32-bit lanes. */
interface Order {
  readonly bytes: 4 | 8;
  readonly start: () => V128;
  /** `a` is no better than `b`. */
  readonly notBetter: (a: V128, b: V128) => V128;
  readonly equal: (a: V128, b: V128) => V128;
  /** Undefined for integers, which are never NaN. */
  readonly isNumber: ((a: V128) => V128) | undefined;
}

/** Position of the first best element; NaN is better than all numbers. */
const extremePosition = ({ bytes, start, notBetter, equal, isNumber }: Order): Fold => {
  const select = (s: Scope, [best, at]: Slots, value: V128, position: V128, take: V128): void => {
    const mask = s.keep(take);
    s.f.set(best as Local<"v128">, v128.bitselect(value, best as V128, bytes === 8 ? widen(mask) : mask));
    s.f.set(at as Local<"v128">, v128.bitselect(position, at as V128, mask));
  };
  const better = (value: V128, best: V128): V128 => {
    const no = notBetter(value, best);
    return isNumber === undefined ? v128.not(no) : v128.andnot(isNumber(best), no);
  };
  return {
    slots: [bytes, 4],
    identity: () => [start(), splat(nowhere)],
    add: (s, slots, value, position, mask) => {
      const here = s.keep(value);
      const take = better(here, slots[0] as V128);
      select(s, slots, here, position(), mask === undefined ? take : v128.and(take, mask));
    },
    merge: (s, slots, [value, position]) => {
      const [best, at] = slots as readonly V128[] as readonly [V128, V128];
      const here = s.keep(value as V128);
      const there = s.keep(position as V128);
      const same = equal(here, best);
      const tie = isNumber === undefined ? same : v128.or(same, v128.not(v128.or(isNumber(here), isNumber(best))));
      const earlier = v128.and(tie, i32x4.ltS(there, at));
      select(s, slots, here, there, v128.or(better(here, best), earlier));
    },
    result: ([, at]) => v128.andnot(at as V128, i32x4.eq(at as V128, splat(nowhere))),
  };
};

const floats = (F: FloatLanes): Omit<Record<Reduction, () => Fold>, "any" | "all"> => {
  const bytes = F.type === "float32" ? 4 : 8;
  const order = (start: number, compare: (a: V128, b: V128) => V128): Order => ({
    bytes,
    start: () => F.const(start),
    notBetter: (a, b) => F.toBool(compare(a, b)),
    equal: (a, b) => F.toBool(F.eq(a, b)),
    isNumber: (a) => F.toBool(F.eq(a, a)),
  });
  return {
    sum: () => plain(bytes, () => F.const(0), F.add),
    prod: () => plain(bytes, () => F.const(1), F.mul),
    max: () => floatExtreme(F, F.pmax, -Infinity),
    min: () => floatExtreme(F, F.pmin, Infinity),
    argmax: () => extremePosition(order(-Infinity, F.le)),
    argmin: () => extremePosition(order(Infinity, F.ge)),
  };
};

const integers = (signed: boolean): Omit<Record<Reduction, () => Fold>, "any" | "all"> => {
  const [low, high] = signed ? [-(2 ** 31), 2 ** 31 - 1] : [0, -1];
  const order = (start: number, notBetter: Order["notBetter"]): Order => ({
    bytes: 4,
    start: () => splat(start),
    notBetter,
    equal: i32x4.eq,
    isNumber: undefined,
  });
  return {
    sum: () => plain(4, () => splat(0), i32x4.add),
    prod: () => plain(4, () => splat(1), i32x4.mul),
    max: () => plain(4, () => splat(low), signed ? i32x4.maxS : i32x4.maxU),
    min: () => plain(4, () => splat(high), signed ? i32x4.minS : i32x4.minU),
    argmax: () => extremePosition(order(low, signed ? i32x4.leS : i32x4.leU)),
    argmin: () => extremePosition(order(high, signed ? i32x4.geS : i32x4.geU)),
  };
};

const folds = {
  float32: floats(float32Lanes),
  float64: floats(float64Lanes),
  int32: integers(true),
  uint32: integers(false),
  bool: {
    any: () => plain(4, () => splat(0), v128.or),
    all: () => plain(4, () => splat(-1), v128.and),
  },
} as const satisfies Record<ComputeType, Partial<Record<Reduction, () => Fold>>>;

/** How elements of a type are folded. */
export const foldOf = (reduction: Reduction, type: ComputeType): Fold => {
  const make = (folds[type] as Partial<Record<Reduction, () => Fold>>)[reduction];
  if (make === undefined) throw new Error(`no ${reduction} of ${type}`);
  return make();
};

/** Lane i of the result is lane `i ^ distance`. */
const exchange = (v: V128, distance: number, bytes: number): V128 => {
  const source = (i: number): number => (Math.floor(i / bytes) ^ distance) * bytes + (i % bytes);
  return i8x16.shuffle(
    v,
    splat(0),
    Array.from({ length: 16 }, (_, i) => source(i)),
  );
};

/** Folds the lanes into one; all lanes then hold it. */
export const foldLanes = (s: Scope, fold: Fold, slots: Slots): void => {
  for (let distance = s.lanes >> 1; distance > 0; distance >>= 1) {
    fold.merge(
      s,
      slots,
      slots.map((slot, i) => s.keep(exchange(slot, distance, fold.slots[i] as number))),
    );
  }
};
