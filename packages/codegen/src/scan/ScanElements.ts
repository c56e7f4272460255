import type { KernelInput, ScanKernel } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import { unravel } from "../position.ts";
import { addressName, readView } from "../readView.ts";
import type { Source } from "../source.ts";
import { type Running, runningOf, type State } from "./running.ts";

/** Text of the position along the axis of element `i` of the scan. */
const positionOf = ({ reverse, shape, axis }: ScanKernel, i: string): string =>
  reverse ? `${(shape[axis] as number) - 1} - ${i}` : i;

/** The lines of a scan, numbered in row-major order, in the code of a pass. */
export class ScanElements {
  readonly running: Running;
  readonly #source: Source;
  readonly #kernel: ScanKernel;
  readonly #buffers: Buffers;

  constructor(s: Source, kernel: ScanKernel) {
    this.running = runningOf(s, kernel);
    this.#source = s;
    this.#kernel = kernel;
    this.#buffers = new Buffers(s, kernel);
  }

  /** The element with number `i` of a line given by its coordinates. */
  load(line: readonly string[], i: string): State {
    const s = this.#source;
    const position = s.let("int32", positionOf(this.#kernel, i), "at");
    const input = this.#kernel.inputs[0] as KernelInput;
    const x = readView(s, this.#buffers.input(0), input, this.#position(line, position));
    return this.running.of(x, position);
  }

  store(line: readonly string[], i: string, state: State): void {
    const s = this.#source;
    const position = s.let("int32", positionOf(this.#kernel, i), "at");
    const { strides } = this.#kernel.outputs[0] as ScanKernel["outputs"][number];
    this.#buffers.output(0).store(addressName(s, strides, this.#position(line, position)), this.running.result(state));
  }

  /** Names of the coordinates of a line (its number is a uint32). */
  line(number: string): string[] {
    const { shape, axis } = this.#kernel;
    return unravel(
      this.#source,
      number,
      shape.filter((_, d) => d !== axis),
    );
  }

  #position(line: readonly string[], at: string): string[] {
    const { axis } = this.#kernel;
    return [...line.slice(0, axis), at, ...line.slice(axis)];
  }
}
