import { ArgumentError } from "@gradloom/tensor";
import type { Schedule } from "./schedules.ts";
import { rateAt } from "./schedules.ts";
import { wholeNumber } from "./settings.ts";

/** What has a learning rate: an optimizer, or one group of its parameters. */
export interface Rated {
  learningRate: number;
}

/**
 * Sets the learning rate by a schedule: at once for the first step, then with every `step()` for the next.
 *
 * @example
 * const scheduler = new Scheduler(optimizer, cosineDecay({ rate: 0.1, steps: 100 }));
 * for (const batch of batches) { optimizer.minimize(lossOf(batch)); scheduler.step(); }
 */
export class Scheduler {
  readonly #target: Rated;
  readonly #schedule: Schedule;
  #steps = 0;

  constructor(target: Rated, schedule: Schedule) {
    this.#target = target;
    this.#schedule = schedule;
    target.learningRate = rateAt(schedule, 0);
  }

  /** Steps taken so far; setting it goes there, when training is resumed, say. */
  get steps(): number {
    return this.#steps;
  }

  set steps(steps: number) {
    if (!wholeNumber.holds(steps)) {
      throw new ArgumentError("Scheduler", `steps must be ${wholeNumber.text}, got ${steps}`);
    }
    this.#target.learningRate = rateAt(this.#schedule, steps);
    this.#steps = steps;
  }

  step(): void {
    this.steps = this.#steps + 1;
  }
}
