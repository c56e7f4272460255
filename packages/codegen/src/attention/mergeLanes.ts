import type { Source } from "../source.ts";
import { atRunTime, type Work } from "./exchange.ts";

/**
 * Replaces the values of each lane (names of variables, one a row) by what those of all lanes of its group are `merged` to, in one order
 * for all. Control flow must be uniform.
 */
export const mergeLanes = (
  s: Source,
  { plan, type, group, lane }: Work,
  values: readonly string[],
  merged: (a: string, b: string) => string,
): void => {
  const { lanes, groups } = plan;
  if (s.limits.subgroup >= lanes) {
    s.enable("subgroups");
    for (let mask = 1; mask < lanes; mask *= 2) {
      for (const value of values) s.line(`${value} = ${merged(value, s.dialect.shuffleXor(value, mask))};`);
    }
    return;
  }
  const shared = s.shared(type, values.length * groups * lanes, "lanes");
  const place = (row: number, other: string): string => `${shared}[(${group} + ${row * groups}) * ${lanes} + ${other}]`;
  values.forEach((value, row) => {
    s.line(`${place(row, lane)} = ${value};`);
  });
  s.barrier();
  values.forEach((value, row) => {
    s.line(`${value} = ${place(row, "0")};`);
  });
  s.for(1, atRunTime(s, lanes), (other) => {
    values.forEach((value, row) => {
      s.line(`${value} = ${merged(value, place(row, other))};`);
    });
  });
};
