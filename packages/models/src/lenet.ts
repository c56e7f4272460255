import { Conv2d, Flatten, Linear, MaxPool2d, Sequential } from "@gradloom/layers";
import type { Shape } from "@gradloom/tensor";
import { ArgumentError, relu } from "@gradloom/tensor";
import type { ModelOptions } from "./options.ts";
import { creation } from "./options.ts";

export interface LenetOptions extends Omit<ModelOptions, "channels"> {
  /** [height, width, channels]: [28, 28, 1] by default. */
  readonly inputShape?: Shape;
}

/**
 * LeNet-5 (LeCun et al., "Gradient-based learning applied to document recognition", 1998) as it is built today: relu instead of sigmoids,
 * max pooling, and full connections. Images of 28 x 28 are padded to 32 x 32 as in the paper.
 *
 * @throws ArgumentError for images smaller than 12 x 12.
 * @example lenet({ classes: 10 })
 */
export const lenet = (options: LenetOptions = {}): Sequential => {
  const { inputShape = [28, 28, 1], classes = 10 } = options;
  const [height = 0, width = 0, channels = 0] = inputShape;
  const first = (n: number): number => Math.floor(n / 2);
  const second = (n: number): number => Math.floor((first(n) - 4) / 2);
  if (Math.min(second(height), second(width)) < 1) {
    throw new ArgumentError("lenet", `takes images from 12 x 12, got ${height} x ${width}`, "choose another model");
  }
  const how = creation(options);
  return new Sequential(
    new Conv2d(channels, 6, 5, { ...how, padding: 2 }),
    relu,
    new MaxPool2d(2),
    new Conv2d(6, 16, 5, how),
    relu,
    new MaxPool2d(2),
    new Flatten(),
    new Linear(16 * second(height) * second(width), 120, how),
    relu,
    new Linear(120, 84, how),
    relu,
    new Linear(84, classes, how),
  );
};
