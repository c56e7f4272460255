import type { Source } from "../source.ts";

/**
 * Prints a binary search: the name of the first place in a sorted run, from `first` up to `end`, whose key is larger than `key`; where the
 * condition `ties` does not hold, whose key is as large or larger.
 */
export const firstAfter = (
  s: Source,
  first: string,
  end: string,
  key: string,
  ties: string,
  keyAt: (place: string) => string,
): string => {
  const low = s.variable("int32", first, "low");
  const high = s.variable("int32", end, "high");
  s.block(`while (${low} < ${high})`, () => {
    const middle = s.let("int32", `(${low} + ${high}) / 2`, "middle");
    const other = keyAt(middle);
    s.if(
      `${other} < ${key} || (${ties} && ${other} == ${key})`,
      () => s.line(`${low} = ${middle} + 1;`),
      () => s.line(`${high} = ${middle};`),
    );
  });
  return low;
};
