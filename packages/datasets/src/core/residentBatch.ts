import { evaluate, Tensor } from "@gradloom/tensor";

/** The tensors in nested lists and objects. */
const tensorsIn = (value: unknown): Tensor[] => {
  if (value instanceof Tensor) return [value];
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value)
    ? Object.values(value).flatMap(tensorsIn)
    : [];
};

/** Puts a batch into the memory of the device, without waiting for what the device does besides. */
export const upload = async <B>(batch: B): Promise<B> => {
  await evaluate(...tensorsIn(batch));
  return batch;
};

/** Frees the device's memory of a batch. */
export const free = (batch: unknown): void => {
  for (const tensor of tensorsIn(batch)) tensor.dispose();
};
