import type { AttentionKernel } from "@gradloom/backend";
import { clamped } from "../position.ts";
import type { Source } from "../source.ts";
import type { Block, Work } from "./exchange.ts";

/** Turns products into scores: scales them, adds the mask, and shuts out what a row does not see. */
export const maskScores = (
  s: Source,
  { causal, scale, inputs }: AttentionKernel,
  { plan, type, queries, keys, mask, rows, lane }: Work,
  first: string,
  scores: Block,
): void => {
  const { dialect } = s;
  const hidden = dialect.constant(type, Number.NEGATIVE_INFINITY, s.use);
  const factor = dialect.constant(type, scale, s.use);
  const isBool = inputs[3]?.dtype === "bool";
  const maskRows = mask === undefined ? [] : rows.map((row) => clamped(s, row, queries.lines));
  for (let j = 0; j < plan.keys; j++) {
    const key = s.let("int32", `${first} + ${lane}${j === 0 ? "" : ` + ${j * plan.lanes}`}`, "key");
    const maskKey = mask === undefined ? key : clamped(s, key, keys.lines);
    rows.forEach((row, i) => {
      const score = scores[i]?.[j] as string;
      const by = mask?.element(maskRows[i] as string, maskKey);
      const conditions = [
        ...(keys.lines % (plan.lanes * plan.keys) === 0 ? [] : [`${key} < ${keys.lines}`]),
        ...(causal ? [`${key} <= ${row}`] : []),
        ...(by !== undefined && isBool ? [by] : []),
      ];
      const value = `${score} * ${factor}${by === undefined || isBool ? "" : ` + ${by}`}`;
      s.line(`${score} = ${conditions.length === 0 ? value : dialect.select(conditions.join(" && "), value, hidden)};`);
    });
  }
};
