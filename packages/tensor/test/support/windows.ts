import type { Tensor } from "../../src/index.ts";
import stored from "../reference/windows.json";
import type { Sample } from "./row.ts";
import type { Values } from "./values.ts";

export type WindowCase = keyof typeof stored;

/** Inputs and result of a case of `reference/windows.json`, made by PyTorch. */
export const windowCase = (name: WindowCase): { inputs: readonly Values[]; result: Values } => stored[name];

/** A sample that has to give what PyTorch gives. */
export const storedSample = (name: WindowCase, call: (x: Tensor, filter: Tensor) => Tensor, smooth = true): Sample => ({
  name,
  inputs: windowCase(name).inputs,
  call: (x, filter) => call(x as Tensor, filter as Tensor),
  expected: windowCase(name).result,
  smooth,
});
