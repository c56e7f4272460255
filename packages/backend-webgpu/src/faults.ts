import { DeviceError, DeviceLostError, type GradloomError, OutOfMemoryError } from "@gradloom/backend";

const where = "webgpu";

/** What went wrong on the device since it was last asked, and whether the device is gone. */
export class Faults {
  /** Rejects when the device is lost. */
  readonly whenLost: Promise<never>;
  lost: DeviceLostError | undefined;
  readonly #device: GPUDevice;
  #first: GradloomError | undefined;
  /** Reports of error scopes that are still on their way. */
  readonly #reports = new Set<Promise<void>>();

  constructor(device: GPUDevice) {
    this.#device = device;
    this.whenLost = device.lost.then(({ reason, message }) => {
      this.lost = new DeviceLostError(
        where,
        `the GPU device was lost (${reason}): ${message || "no details"}`,
        "its tensors are gone; call useDevice again for a new device, and load the last checkpoint",
      );
      throw this.lost;
    });
    this.whenLost.catch(() => {});
    device.onuncapturederror = ({ error }) => this.add(new DeviceError(where, error.message));
  }

  add(error: GradloomError): void {
    this.#first ??= error;
  }

  /** Does something on the device; `describe` names an error that it causes. */
  guard<T>(filter: GPUErrorFilter, describe: (message: string) => GradloomError, action: () => T): T {
    this.#device.pushErrorScope(filter);
    try {
      return action();
    } finally {
      const report = this.#device.popErrorScope().then(
        (error) => {
          if (error !== null) this.add(describe(error.message));
        },
        () => {},
      );
      this.#reports.add(report);
      void report.then(() => this.#reports.delete(report));
    }
  }

  /** Waits for a promise of the device, or for its loss. */
  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.whenLost]).catch((error: unknown) => {
      throw this.lost ?? error;
    });
  }

  /** Throws what went wrong since the last call. */
  async settle(): Promise<void> {
    await this.race(Promise.all(this.#reports));
    if (this.lost !== undefined) throw this.lost;
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) throw first;
  }
}

/** The error for a request that finds no room. */
export const outOfMemory = (bytes: number, liveBytes: number, message: string): OutOfMemoryError =>
  new OutOfMemoryError(
    where,
    `no room for ${bytes} bytes beside ${liveBytes} live ones: ${message}`,
    "free tensors, or use smaller batches",
  );
