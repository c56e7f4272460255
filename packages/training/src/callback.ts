import type { EpochRecord, History } from "./history.ts";
import type { Values } from "./metric.ts";
import type { Model } from "./mode.ts";
import type { Updater } from "./updater.ts";

/** A training run as callbacks see it. */
export interface Run {
  readonly model: Model;
  readonly optimizer: Updater;
  /** The epoch that runs, counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps taken, over all epochs. */
  readonly step: number;
  /** Steps taken in this epoch. */
  readonly stepInEpoch: number;
  /** Where the data knows it. */
  readonly stepsPerEpoch: number | undefined;
  /** Samples trained on in this epoch. */
  readonly samples: number;
  readonly records: readonly EpochRecord[];
  /** Ends training after the step or epoch that runs. */
  stop(reason: string): void;
}

/** What is done along the way. Every function may be asynchronous, and is waited for. */
export interface Callback {
  onStart?(run: Run): void | Promise<void>;
  onEpochStart?(run: Run): void | Promise<void>;
  /** Before each step. */
  onStep?(run: Run): void | Promise<void>;
  /** When values were read from the device: once in a while, and at the end of an epoch. */
  onValues?(run: Run, values: Values): void | Promise<void>;
  onEpochEnd?(run: Run, record: EpochRecord): void | Promise<void>;
  /** After the last epoch, also of a run that was stopped or failed. */
  onEnd?(run: Run, history: History): void | Promise<void>;
}
