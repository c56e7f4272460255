import type { Device } from "@gradloom/tensor";

/** Milliseconds of work that wait on the device at most: it also draws the page, and a visitor's digit has to queue behind. */
const mostAhead = 40;
const mostStepsAhead = 64;

/** Holds training back: while it is paused, and while the device has enough to do. */
export class Pace {
  readonly #device: Device;
  readonly #onPause: (paused: boolean) => void;
  #resume: (() => void) | undefined;
  #pausing: Promise<void> | undefined;
  #stepsAhead = 1;
  #sent = 0;
  #since = performance.now();
  #pausedFor = 0;

  /** `onPause` hears when training really stands still, and when it goes on. */
  constructor(device: Device, onPause: (paused: boolean) => void) {
    this.#device = device;
    this.#onPause = onPause;
  }

  pause(): void {
    this.#pausing ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#pausing = undefined;
    this.#resume?.();
  }

  /** Milliseconds, standing still left out. */
  now(): number {
    return performance.now() - this.#pausedFor;
  }

  /** The same batches, each when its turn has come. */
  over<B>(loader: AsyncIterable<B> & { readonly length: number }): AsyncIterable<B> & { readonly length: number } {
    const turn = (): Promise<void> => this.#turn();
    return {
      length: loader.length,
      async *[Symbol.asyncIterator]() {
        for await (const batch of loader) {
          await turn();
          yield batch;
        }
      },
    };
  }

  async #turn(): Promise<void> {
    if (++this.#sent > this.#stepsAhead) await this.#catchUp();
    if (this.#pausing === undefined) return;
    await this.#catchUp();
    this.#onPause(true);
    while (this.#pausing !== undefined) await this.#pausing;
    this.#onPause(false);
    this.#pausedFor += performance.now() - this.#since;
    this.#since = performance.now();
  }

  /** Waits for the device, and allows it more steps the sooner it is done. */
  async #catchUp(): Promise<void> {
    await this.#device.backend.synchronize();
    const elapsed = performance.now() - this.#since;
    const factor = Math.max(0.5, Math.min(2, mostAhead / elapsed));
    this.#stepsAhead = Math.max(1, Math.min(mostStepsAhead, Math.floor(this.#stepsAhead * factor)));
    this.#sent = 0;
    this.#since = performance.now();
  }
}
