import { computeType, type KernelInput, type PoolKernel } from "@gradloom/backend";
import type { Buffers } from "../buffers.ts";
import { readView } from "../readView.ts";
import { orderKey } from "../sort/orderKey.ts";
import type { Source } from "../source.ts";
import { forTaps, type PoolGeometry, spansOf } from "./poolGeometry.ts";

/** Compares elements of x, input 0 of a max pool. */
export class PoolMaximum {
  readonly #source: Source;
  readonly #buffers: Buffers;
  readonly #input: KernelInput;
  readonly #geometry: PoolGeometry;
  readonly #key: (x: string) => string;

  constructor(s: Source, kernel: PoolKernel, buffers: Buffers, geometry: PoolGeometry) {
    this.#source = s;
    this.#buffers = buffers;
    this.#input = kernel.inputs[0] as KernelInput;
    this.#geometry = geometry;
    this.#key = orderKey(s, computeType(this.#input.dtype));
  }

  /**
   * The name of `mark(position)`, an int32 that is not -1, for the position of the largest x in the window at position `output` of y;
   * the first such position in row-major order.
   */
  largest(output: readonly string[], mark: (position: readonly string[]) => string): string {
    const s = this.#source;
    const best = s.variable("uint32", "0u", "best");
    const at = s.variable("int32", "-1", "at");
    const [n, c] = [output[0] as string, output[output.length - 1] as string];
    forTaps(s, spansOf(s, this.#geometry.axes, output.slice(1, -1)), (spatial) => {
      const position = [n, ...spatial, c];
      const x = readView(s, this.#buffers.input(0), this.#input, position);
      const key = s.let("uint32", this.#key(x), "key");
      s.if(`${key} > ${best} || ${at} == -1`, () => {
        s.line(`${best} = ${key};`);
        s.line(`${at} = ${mark(position)};`);
      });
    });
    return at;
  }
}
