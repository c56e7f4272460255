import { UnsupportedError } from "@gradloom/backend";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import type { Scope } from "./scope.ts";

export const remainder = (F: FloatLanes, s: Scope, a: V128, b: V128): V128 => {
  void [F, s, a, b];
  throw new UnsupportedError("cpu", "remainder is not there yet");
};
