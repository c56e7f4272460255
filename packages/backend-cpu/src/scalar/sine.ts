import { UnsupportedError } from "@gradloom/backend";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import type { Scope } from "./scope.ts";

export const sin = (F: FloatLanes, s: Scope, a: V128): V128 => {
  void [F, s, a];
  throw new UnsupportedError("cpu", "sin is not there yet");
};

export const cos = (F: FloatLanes, s: Scope, a: V128): V128 => {
  void [F, s, a];
  throw new UnsupportedError("cpu", "cos is not there yet");
};
