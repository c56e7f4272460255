import type { Values } from "./metric.ts";

/** One pass over the training data. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Steps so far, over all epochs. */
  readonly step: number;
  /** Loss and metrics over the epoch's batches, each at its time. */
  readonly training: Values;
  /** Loss and metrics over the validation data at the end of the epoch. */
  readonly validation: Values | undefined;
  /** The learning rate at the end of the epoch. */
  readonly learningRate: number;
  /** Samples trained on. */
  readonly samples: number;
  /** Of the training part of the epoch. */
  readonly seconds: number;
  /** The share of `seconds` in which the next batch was waited for, from 0 to 1. */
  readonly waiting: number;
}

/** What training has given. */
export interface History {
  readonly epochs: readonly EpochRecord[];
  readonly seconds: number;
  /** Why training ended before the last epoch. */
  readonly stopped: string | undefined;
}

/** A value by its name in records: "loss", "validation.accuracy". */
export const valueIn = (record: EpochRecord, name: string): number | undefined => {
  const part = name.startsWith("validation.") ? record.validation : record.training;
  const value = part?.[name.replace(/^(validation|training)\./, "")];
  return typeof value === "number" ? value : undefined;
};

/** The names that `valueIn` takes. */
export const namesIn = ({ training, validation }: EpochRecord): string[] => [
  ...Object.keys(training),
  ...Object.keys(validation ?? {}).map((name) => `validation.${name}`),
];
