import { UnsupportedError } from "@gradloom/backend";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import type { Scope } from "./scope.ts";

export const tanh = (F: FloatLanes, s: Scope, a: V128): V128 => {
  void [F, s, a];
  throw new UnsupportedError("cpu", "tanh is not there yet");
};
