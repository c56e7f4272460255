import { type BackendTraits, bindingsOf } from "@gradloom/backend";
import { bytesOf, type Value } from "./network.ts";

/** What a kernel may bind. */
export class Bindings {
  readonly #counts: readonly number[];
  readonly most: number;

  constructor(values: readonly Value[], traits: BackendTraits) {
    this.most = traits.maxBuffers;
    this.#counts = values.map((value) =>
      value.leaf === "constant" || value.leaf === "scalar" || value.leaf === "positions"
        ? 0
        : bindingsOf(bytesOf(value), traits),
    );
  }

  /** Bindings that different values take; numbers and positions take none. */
  count(ids: Iterable<number>): number {
    let sum = 0;
    for (const id of ids) sum += this.#counts[id] as number;
    return sum;
  }
}
