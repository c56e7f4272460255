import type { Tensor } from "@gradloom/tensor";
import { writeFile } from "../writeFile.ts";
import { safetensorsParts } from "./encodeSafetensors.ts";

/**
 * Writes named tensors to a safetensors file, as a whole or not at all: a file that was there stays until the new one is complete.
 *
 * @throws ArgumentError for metadata that are not strings and for a tensor named `__metadata__`.
 * @example await saveSafetensors("model.safetensors", { weight: w.value }, { epoch: "3" })
 */
export const saveSafetensors = async (
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> => writeFile(path, await safetensorsParts(tensors, metadata));
