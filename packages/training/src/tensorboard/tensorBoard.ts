import type { Callback } from "../callback.ts";
import type { Values } from "../metric.ts";
import { nodeModule } from "./nodeModule.ts";
import { eventEncoder, frame } from "./records.ts";

/** The numbers among values, with a prefix. */
const scalarsOf = (values: Values, prefix: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "number" ? [[`${prefix}/${name}`, value]] : [],
    ),
  );

/**
 * Writes loss, metrics and learning rate for TensorBoard: `tensorboard --logdir DIRECTORY`. Training values are written as they are read,
 * those of epochs with the step at their end. Node only; needs the optional package `@bufbuild/protobuf`.
 *
 * @throws UnsupportedError where that is not installed, and in browsers.
 */
export const tensorBoard = (directory: string): Callback => {
  let write: (step: number, scalars: Record<string, number>) => Promise<void> = async () => undefined;
  return {
    onStart: async () => {
      const { appendFile, mkdir } = await nodeModule("node:fs/promises");
      const { hostname } = await nodeModule("node:os");
      const encode = await eventEncoder();
      const now = (): number => Date.now() / 1000;
      await mkdir(directory, { recursive: true });
      const file = `${directory}/events.out.tfevents.${String(Date.now()).padStart(13, "0")}.${hostname()}.gradloom`;
      await appendFile(file, frame(encode({ time: now(), step: 0, version: "brain.Event:2" })));
      write = (step, scalars) => appendFile(file, frame(encode({ time: now(), step, scalars })));
    },
    onValues: ({ step }, values) => write(step, scalarsOf(values, "training")),
    onEpochEnd: (_, { step, validation, learningRate, waiting }) =>
      write(step, {
        ...scalarsOf(validation ?? {}, "validation"),
        "training/learningRate": learningRate,
        "training/waiting": waiting,
      }),
  };
};
