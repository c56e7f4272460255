import { isMasked, type Shape, type View } from "@gradloom/backend";
import type { Source } from "./source.ts";

/** Text of `base + sum(position[d] * strides[d])`, an int32; `position` holds names or literals of int32s. */
export const address = (strides: readonly number[], position: readonly string[], base: number | string = 0): string => {
  const terms: string[] = [];
  strides.forEach((stride, d) => {
    const i = position[d] as string;
    if (stride === 0 || i === "0") return;
    terms.push(stride === 1 ? i : `${i} * ${stride}`);
  });
  if (base !== 0 || terms.length === 0) terms.push(`${base}`);
  return terms.length === 1 ? (terms[0] as string) : `(${terms.join(" + ")})`;
};

/** The name of `at`, or of the last of `size` places where that is behind it. */
export const clamped = (s: Source, at: string, size: number): string => s.let("int32", `min(${at}, ${size - 1})`, "at");

/** The condition under which a view has the element at a position; undefined where it has all. */
export const exists = (view: View, position: readonly string[]): string | undefined => {
  const conditions = view.shape.flatMap((n, d) => {
    const range = view.valid?.[d];
    if (range === undefined || !isMasked(view, d)) return [];
    const [low, high] = range;
    const i = position[d] as string;
    if (low >= high) return ["false"];
    // Compilers refuse to read at a literal place that does not exist, even where they would not get to it.
    if (/^\d+$/.test(i)) return Number(i) >= low && Number(i) < high ? [] : ["false"];
    return [...(low > 0 ? [`${i} >= ${low}`] : []), ...(high < n ? [`${i} < ${high}`] : [])];
  });
  if (conditions.includes("false")) return "false";
  return conditions.length === 0 ? undefined : `(${conditions.join(" && ")})`;
};

/** Names of the coordinates of element `id` (a uint32) of `shape` in row-major order, as int32s. */
export const unravel = (source: Source, id: string, shape: Shape): string[] => {
  const { dialect } = source;
  const result = new Array<string>(shape.length).fill("0");
  let rest = id;
  let dims = shape.length;
  while (dims > 0 && shape[dims - 1] === 1) dims--;
  const first = shape.findIndex((n) => n !== 1);
  for (let d = dims - 1; d >= 0 && first >= 0; d--) {
    const n = shape[d] as number;
    if (n === 1) continue;
    const value = d === first ? rest : `${rest} % ${n}u`;
    result[d] = source.let("int32", dialect.toInt(value), "p");
    if (d > first) rest = source.let("uint32", `${rest} / ${n}u`, "q");
  }
  return result;
};
