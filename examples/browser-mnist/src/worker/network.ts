import { BatchNorm, Conv2d, Flatten, Linear, MaxPool2d, Sequential } from "@gradloom/layers";
import { Dropout } from "@gradloom/regularization";
import { relu } from "@gradloom/tensor";

/** The convolutional network of the `mnist-cnn` example: [n, 28, 28, 1] to the logits of ten digits. */
export const network = (): Sequential =>
  new Sequential(
    new Conv2d(1, 16, 3, { padding: 1, bias: false }),
    new BatchNorm(16),
    relu,
    new MaxPool2d(2),
    new Conv2d(16, 32, 3, { padding: 1, bias: false }),
    new BatchNorm(32),
    relu,
    new MaxPool2d(2),
    new Flatten(),
    new Linear(7 * 7 * 32, 128),
    relu,
    new Dropout(0.25),
    new Linear(128, 10),
  );
