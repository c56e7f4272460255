/** Something to do on the device, once `ready`. */
interface Step {
  readonly ready: Promise<unknown> | undefined;
  readonly action: () => void;
}

/**
 * Keeps the order of work: a step whose pipelines are still being compiled waits for them, and all later steps wait behind it. Nothing is
 * deferred as long as nothing waits.
 */
export class Timeline {
  readonly #waiting: Step[] = [];

  /** Does the action now, or after the steps before it and its own `ready`, which never rejects. */
  add(action: () => void, ready?: Promise<unknown>): void {
    if (this.#waiting.length === 0 && ready === undefined) {
      action();
      return;
    }
    this.#waiting.push({ ready, action });
    if (this.#waiting.length === 1) void this.#drain();
  }

  /** True while steps wait. */
  get behind(): boolean {
    return this.#waiting.length > 0;
  }

  async #drain(): Promise<void> {
    for (let step = this.#waiting[0]; step !== undefined; step = this.#waiting[0]) {
      await step.ready;
      try {
        step.action();
      } finally {
        this.#waiting.shift();
      }
    }
  }
}
