import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Module } from "@gradloom/layers";
import { createModel } from "@gradloom/models";
import { loadSafetensors, saveSafetensors } from "@gradloom/serialization";
import { FormatError } from "@gradloom/tensor";

/** What must be known to build a saved model again. */
export interface Description {
  readonly model: string;
  readonly inputShape: readonly number[];
  readonly classes: readonly string[];
}

/** The file of a model in a folder. */
const fileIn = async (path: string): Promise<string> =>
  (await stat(path).catch(() => undefined))?.isFile() ? path : join(path, "model.safetensors");

/** Saves parameters and buffers, and how to build the model again. Returns the file. */
export const saveModel = async (folder: string, model: Module, description: Description): Promise<string> => {
  const file = join(folder, "model.safetensors");
  await saveSafetensors(file, model.stateDict(), { gradloom: JSON.stringify(description) });
  return file;
};

const describe = (file: string, text: string | undefined): Description => {
  if (text === undefined) {
    throw new FormatError(file, "does not say which model it is of", 'save it with "gradloom train --out"');
  }
  let found: Partial<Record<keyof Description, unknown>> | null = null;
  try {
    found = JSON.parse(text);
  } catch {
    // Told below, with what else can be wrong.
  }
  const { model, inputShape, classes } = found ?? {};
  const sizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.length <= 8 && list.every((n) => Number.isInteger(n) && n > 0 && n < 2 ** 16);
  const names = (list: unknown): list is string[] =>
    Array.isArray(list) && list.length < 2 ** 16 && list.every((name) => typeof name === "string");
  if (typeof model !== "string" || !sizes(inputShape) || !names(classes)) {
    throw new FormatError(file, "has a damaged description of its model", 'save it with "gradloom train --out"');
  }
  return { model, inputShape, classes };
};

/** @throws FormatError for files that `saveModel` did not write; ArgumentError where the tensors do not fit the model. */
export const loadModel = async (path: string): Promise<{ model: Module; description: Description; file: string }> => {
  const file = await fileIn(path);
  const { tensors, metadata } = await loadSafetensors(file);
  const description = describe(file, metadata?.gradloom);
  const { inputShape, classes } = description;
  const model = createModel(description.model, { inputShape, classes: classes.length });
  model.loadStateDict(tensors);
  return { model, description, file };
};
