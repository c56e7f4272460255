import { Adagrad, Adam, AdamW, Lion, NAdam, RAdam, RMSprop, SGD } from "@gradloom/optimizers";
import type { Variable } from "@gradloom/tensor";
import { ArgumentError } from "@gradloom/tensor";
import type { Updater } from "@gradloom/training";

type Make = (parameters: readonly Variable[], learningRate: number) => Updater;

/** Optimizers by the names of the command line, with their usual learning rates. */
const registry: Readonly<Record<string, readonly [rate: number, make: Make]>> = {
  sgd: [0.1, (parameters, learningRate) => new SGD(parameters, { learningRate, momentum: 0.9, nesterov: true })],
  adam: [0.003, (parameters, learningRate) => new Adam(parameters, { learningRate })],
  adamw: [0.003, (parameters, learningRate) => new AdamW(parameters, { learningRate })],
  nadam: [0.002, (parameters, learningRate) => new NAdam(parameters, { learningRate })],
  radam: [0.003, (parameters, learningRate) => new RAdam(parameters, { learningRate })],
  rmsprop: [0.001, (parameters, learningRate) => new RMSprop(parameters, { learningRate })],
  adagrad: [0.01, (parameters, learningRate) => new Adagrad(parameters, { learningRate })],
  lion: [0.0003, (parameters, learningRate) => new Lion(parameters, { learningRate })],
};

export const optimizerNames: readonly string[] = Object.keys(registry);

/** @throws ArgumentError for an unknown name, with the names that are known. */
export const createOptimizer = (name: string, parameters: readonly Variable[], rate: number | undefined): Updater => {
  const entry = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (entry === undefined) {
    throw new ArgumentError("--optimizer", `unknown optimizer "${name}"`, `use one of ${optimizerNames.join(", ")}`);
  }
  return entry[1](parameters, rate ?? entry[0]);
};
