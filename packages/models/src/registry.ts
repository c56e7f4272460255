import type { Module } from "@gradloom/layers";
import type { CreateOptions, Shape } from "@gradloom/tensor";
import { ArgumentError } from "@gradloom/tensor";
import { convNet } from "./convNet.ts";
import { densenet } from "./densenet.ts";
import { lenet } from "./lenet.ts";
import { mlp } from "./mlp.ts";
import { mobilenet } from "./mobilenet.ts";
import { resnet } from "./resnet.ts";
import { vgg } from "./vgg.ts";

/** What is known of a task when a model is chosen by name. */
export interface CreateModelOptions extends CreateOptions {
  /** Shape of one input, [height, width, channels] for images: [28, 28, 1] by default. */
  readonly inputShape?: Shape;
  /** 10 by default. */
  readonly classes?: number;
}

type Task = CreateOptions & { readonly inputShape: Shape; readonly classes: number; readonly channels: number };

const registry = {
  mlp: (task: Task) =>
    mlp(
      task.inputShape.reduce((n, m) => n * m, 1),
      task.classes,
      task,
    ),
  lenet: (task: Task) => lenet(task),
  cnn: (task: Task) => convNet(task),
  vgg11: (task: Task) => vgg(11, task),
  vgg13: (task: Task) => vgg(13, task),
  vgg16: (task: Task) => vgg(16, task),
  vgg19: (task: Task) => vgg(19, task),
  resnet18: (task: Task) => resnet(18, task),
  resnet20: (task: Task) => resnet(20, task),
  resnet32: (task: Task) => resnet(32, task),
  resnet34: (task: Task) => resnet(34, task),
  resnet44: (task: Task) => resnet(44, task),
  resnet50: (task: Task) => resnet(50, task),
  resnet56: (task: Task) => resnet(56, task),
  "densenet-small": (task: Task) => densenet("small", task),
  densenet121: (task: Task) => densenet(121, task),
  "mobilenet-v1": (task: Task) => mobilenet(1, task),
  "mobilenet-v2": (task: Task) => mobilenet(2, task),
} satisfies Readonly<Record<string, (task: Task) => Module>>;

export type ModelName = keyof typeof registry;

/** What `createModel` knows. */
export const modelNames: readonly ModelName[] = Object.keys(registry) as ModelName[];

/**
 * Builds a model by its name. Nothing is computed until its parameters are needed.
 *
 * @throws ArgumentError for an unknown name, with the names that are known.
 * @example createModel("resnet20", { inputShape: [32, 32, 3], classes: 10 })
 */
export const createModel = (name: string, options: CreateModelOptions = {}): Module => {
  if (!Object.hasOwn(registry, name)) {
    throw new ArgumentError("createModel", `unknown model "${name}"`, `use one of ${modelNames.join(", ")}`);
  }
  const { inputShape = [28, 28, 1], classes = 10 } = options;
  if (inputShape.length !== 3 && name !== "mlp") {
    throw new ArgumentError(
      "createModel",
      `${name} takes images, inputShape [height, width, channels], got [${inputShape.join(",")}]`,
      "use mlp",
    );
  }
  return registry[name as ModelName]({ ...options, inputShape, classes, channels: inputShape[2] ?? 1 });
};
