import { modelNames } from "@gradloom/models";
import { Command, InvalidArgumentError, Option } from "commander";
import { augmentationNames } from "./augment.ts";
import type { Console } from "./console.ts";
import type { BenchOptions } from "./describe.ts";
import { bench, data, deviceNames, devices, info } from "./describe.ts";
import { evaluate, predict } from "./evaluate.ts";
import { optimizerNames } from "./optimizers.ts";
import { dataNames } from "./task.ts";
import type { TrainOptions } from "./train.ts";
import { scheduleNames, train } from "./train.ts";

const whole =
  (least: number) =>
  (text: string): number => {
    const n = Number(text);
    if (!Number.isSafeInteger(n) || n < least) throw new InvalidArgumentError(`It is a whole number >= ${least}.`);
    return n;
  };

const positive = (text: string): number => {
  const x = Number(text);
  if (!(x > 0 && Number.isFinite(x))) throw new InvalidArgumentError("It is a number above 0.");
  return x;
};

const share = (text: string): number => {
  const x = Number(text);
  if (text.trim() === "" || !(x >= 0 && x < 1)) throw new InvalidArgumentError("It is a number from 0 to below 1.");
  return x;
};

/** Some of a list, separated by commas. */
const some =
  (list: readonly string[]) =>
  (text: string): string[] => {
    const chosen = text.split(",");
    const unknown = chosen.find((name) => !list.includes(name));
    if (unknown === undefined) return chosen;
    throw new InvalidArgumentError(`There is no ${JSON.stringify(unknown)}. Allowed choices are ${names(list)}.`);
  };

const shape = (text: string): number[] => {
  const sizes = text.split("x").map(Number);
  if (sizes.length === 0 || !sizes.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new InvalidArgumentError("It is sizes such as 28x28x1.");
  }
  return sizes;
};

const names = (list: readonly string[]): string => list.join(", ");
/** An option that takes one of a list. */
const choice = (flags: string, description: string, list: readonly string[], byDefault?: string): Option => {
  const option = new Option(flags, description).choices(list);
  return byDefault === undefined ? option : option.default(byDefault);
};

const device = choice("--device <name>", "where to compute", deviceNames, "cpu");
const from = ["--data <name>", `${names(dataNames)}, or a folder of images`, "auto"] as const;
const json = ["--json", "write results as lines of JSON", false] as const;
const size = new Option("--shape <sizes>", "of one input").default([28, 28, 1], "28x28x1").argParser(shape);

/** The command line. The exit code of the command that ran is given to `exit`. */
export const createProgram = (console: Console, exit: (code: number) => void): Command => {
  const program = new Command("gradloom").description("Trains and runs neural networks.");
  program.showHelpAfterError("(--help says more)").showSuggestionAfterError();

  program
    .command("train")
    .description("Trains a model on images, and tests it.")
    .option(...from)
    .addOption(choice("--model <name>", "network", modelNames, "cnn"))
    .addOption(device)
    .option("--epochs <n>", "passes over the training images", whole(0), 3)
    .option("--batch-size <n>", "images per step", whole(1), 64)
    .addOption(choice("--optimizer <name>", "update rule", optimizerNames, "adam"))
    .option("--learning-rate <x>", "the optimizer's usual one by default", positive)
    .addOption(choice("--schedule <name>", "of the learning rate", scheduleNames, "one-cycle"))
    .option("--seed <n>", "the same seed gives the same model", whole(0), 1)
    .option("--images <n>", "training images to use; all by default", whole(1))
    .option("--validation <share>", "of these that is held out to look at after each epoch", share, 0)
    .addOption(
      new Option("--augment <list>", `random changes of images: some of ${names(augmentationNames)}`)
        .argParser(some(augmentationNames))
        .default([], "none"),
    )
    .option("--out <folder>", "save the model (model.safetensors, after each epoch) and a report there")
    .option("--report <file>", "write a report as HTML")
    .option("--tensorboard <folder>", "write a log for TensorBoard")
    .option("--curves", "draw the loss in the terminal", false)
    .option(...json)
    .action(async (options: TrainOptions) => exit(await train(options, console)));

  program
    .command("evaluate")
    .description("Tests a saved model.")
    .argument("<model>", "folder or file that train --out has written")
    .option(...from)
    .addOption(device)
    .option(...json)
    .action(async (path: string, options) => exit(await evaluate(path, options, console)));

  program
    .command("predict")
    .description("Says what a saved model takes test images for.")
    .argument("<model>", "folder or file that train --out has written")
    .option(...from)
    .addOption(device)
    .option("--count <n>", "images", whole(1), 10)
    .option("--draw", "draw the images", false)
    .option(...json)
    .action(async (path: string, options) => exit(await predict(path, options, console)));

  program
    .command("data")
    .description("Says what is in data and where it is from.")
    .argument("[name]", `${names(dataNames)}, or a folder of images`, "auto")
    .option(...json)
    .action(async (name: string, options) => exit(await data(name, options, console)));

  program
    .command("devices")
    .description("Says which devices are there.")
    .option(...json)
    .action(async (options) => exit(await devices(options, console)));

  program
    .command("bench")
    .description("Times training steps.")
    .addOption(choice("--model <name>", "network", modelNames, "cnn"))
    .addOption(device)
    .option("--batch-size <n>", "inputs per step", whole(1), 64)
    .option("--steps <n>", "steps to time", whole(1), 30)
    .addOption(size)
    .option(...json)
    .action(async (options: BenchOptions) => exit(await bench(options, console)));

  program
    .command("info")
    .description("Says what there is to choose from, or what a model consists of.")
    .addOption(choice("--model <name>", "network to look into", modelNames))
    .addOption(size)
    .action(async (options) => exit(await info(options, console)));

  return program;
};
