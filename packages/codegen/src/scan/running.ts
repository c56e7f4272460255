import { type BinaryOp, type ComputeType, computeType, highest, lowest, type ScanKernel } from "@gradloom/backend";
import { orderKey } from "../sort/orderKey.ts";
import type { Source } from "../source.ts";

/** Names or literals of the parts of what a scan carries. */
export type State = readonly string[];

/** What a scan carries along its axis; elements come in the order of the scan. */
export interface Running {
  readonly types: readonly ComputeType[];
  /** The state of no elements. */
  readonly start: State;
  /** The state of one element. */
  of(x: string, position: string): State;
  /** The state of the elements of `earlier` and then those of `later`. */
  merge(earlier: State, later: State): State;
  result(state: State): string;
}

const total = (s: Source, type: ComputeType, start: number, merge: (a: string, b: string) => string): Running => ({
  types: [type],
  start: [s.dialect.constant(type, start, s.use)],
  of: (x) => [x],
  merge: ([a], [b]) => [s.let(type, merge(a as string, b as string))],
  result: ([sum]) => sum as string,
});

/** log(e^a + e^b); where the larger one is infinite or NaN, that one. */
const logAddExp = (s: Source, type: ComputeType): ((a: string, b: string) => string) => {
  const { dialect, use } = s;
  const finite =
    type === "float32"
      ? `(${dialect.bitcast(type, "uint32", "high")} & 2147483647u) < 2139095040u`
      : `abs(high) < ${dialect.constant(type, highest(type), use)}`;
  const body = [
    dialect.let(type, "high", dialect.binary("max", type, "a", "b", use)),
    dialect.let(type, "low", dialect.binary("min", type, "a", "b", use)),
    dialect.let(type, "ratio", dialect.unary("exp", type, "(low - high)", use)),
    dialect.let(type, "sum", `high + ${dialect.unary("log1p", type, "ratio", use)}`),
    `return ${dialect.select(finite, "sum", "high")};`,
  ];
  let name: string | undefined;
  return (a, b) => {
    name ??= s.helper(
      "logAddExp",
      [
        ["a", type],
        ["b", type],
      ],
      type,
      body.join(" "),
    );
    return `${name}(${a}, ${b})`;
  };
};

/** Position of the latest extreme; NaN beats numbers. The state is the extreme's key, larger for what beats others, and its position. */
const extreme = (s: Source, type: ComputeType, largest: boolean): Running => {
  const key = orderKey(s, type);
  // Keys of floats are turned around so that the last one, NaN's, stays the last.
  const keyOf = (x: string): string => (largest ? key(x) : `~${key(x)}${type === "float32" ? " - 1u" : ""}`);
  return {
    types: ["uint32", "int32"],
    start: ["0u", "0"],
    of: (x, position) => [s.let("uint32", keyOf(x), "key"), position],
    merge: ([key1, at1], [key2, at2]) => {
      const later = s.let("bool", `${key2} >= ${key1}`);
      return [
        s.let("uint32", s.dialect.select(later, key2 as string, key1 as string)),
        s.let("int32", s.dialect.select(later, at2 as string, at1 as string)),
      ];
    },
    result: ([, at]) => at as string,
  };
};

/** What a scan of a kernel carries, in the code of a pass. */
export const runningOf = (s: Source, { operation, inputs }: ScanKernel): Running => {
  const type = computeType((inputs[0] as ScanKernel["inputs"][number]).dtype);
  const by = (op: BinaryOp, start: number): Running =>
    total(s, type, start, (a, b) => s.dialect.binary(op, type, a, b, s.use));
  switch (operation) {
    case "sum":
      return by("add", 0);
    case "prod":
      return by("mul", 1);
    case "max":
      return by("max", lowest(type));
    case "min":
      return by("min", highest(type));
    case "logAddExp":
      return total(s, type, Number.NEGATIVE_INFINITY, logAddExp(s, type));
    case "argmax":
    case "argmin":
      return extreme(s, type, operation === "argmax");
  }
};
