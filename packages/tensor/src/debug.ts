import { GradloomError, isFloat, readElement } from "@gradloom/backend";
import { callerLine, setNoteSites } from "./graph/storage.ts";
import { currentTrace } from "./graph/trace.ts";
import { submitAlone } from "./schedule/evaluate.ts";
import { readSync } from "./schedule/read.ts";
import type { Tensor } from "./tensor.ts";

let enabled = false;

/** NaN or infinity appeared where the inputs were finite. */
export class NonFiniteError extends GradloomError {
  static override readonly name: string = "NonFiniteError";
}

/**
 * Evaluates each operation at once and refuses the first that makes NaN or infinity of finite inputs, naming it and the line that called
 * it. Slow, and only on devices that can block: for finding errors.
 *
 * @example setDebug(true)
 */
export const setDebug = (on: boolean): void => {
  enabled = on;
  setNoteSites(on);
};

export const debugging = (): boolean => enabled;

const allFinite = (t: Tensor): boolean => {
  if (!isFloat(t.dtype)) return true;
  const values = readSync(t);
  for (let i = 0; i < t.size; i++) if (!Number.isFinite(readElement(t.dtype, values, i))) return false;
  return true;
};

/** Evaluates a new tensor and refuses what its inputs do not explain. */
export const checkFinite = (t: Tensor): void => {
  if (currentTrace() !== undefined || t.device.backend.downloadSync === undefined) return;
  submitAlone(t);
  if (allFinite(t) || !t.inputs.every(allFinite)) return;
  throw new NonFiniteError(t.primitive.name, `made NaN or infinity of finite inputs, ${callerLine()}`);
};
