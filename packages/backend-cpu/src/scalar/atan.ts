import { UnsupportedError } from "@gradloom/backend";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import type { Scope } from "./scope.ts";

export const atan = (F: FloatLanes, s: Scope, a: V128): V128 => {
  void [F, s, a];
  throw new UnsupportedError("cpu", "atan is not there yet");
};

export const atan2 = (F: FloatLanes, s: Scope, a: V128, b: V128): V128 => {
  void [F, s, a, b];
  throw new UnsupportedError("cpu", "atan2 is not there yet");
};
