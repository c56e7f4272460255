import type { Callback, Run } from "../callback.ts";
import type { EpochRecord } from "../history.ts";
import type { Values } from "../metric.ts";
import type { Output } from "./output.ts";
import { formatNumber, formatValues, standardError } from "./output.ts";

const width = 20;

const bar = ({ stepInEpoch, stepsPerEpoch }: Run): string => {
  if (stepsPerEpoch === undefined) return `step ${stepInEpoch}`;
  const filled = Math.min(width, Math.round((width * stepInEpoch) / stepsPerEpoch));
  return `[${"=".repeat(filled)}${" ".repeat(width - filled)}] ${stepInEpoch}/${stepsPerEpoch}`;
};

/** One finished epoch as a line. */
export const formatRecord = (record: EpochRecord, epochs: number): string => {
  const { epoch, training, validation, seconds, samples, waiting } = record;
  const parts = [
    `epoch ${epoch}/${epochs}`,
    formatValues(training),
    ...(validation === undefined ? [] : [formatValues(validation, "validation ")]),
    `${formatNumber(seconds)} s`,
    `${Math.round(samples / Math.max(seconds, 1e-9))} samples/s`,
    `waited for data ${(100 * waiting).toFixed(0)} %`,
  ];
  return parts.join("  ");
};

/**
 * Shows how far training has come, with loss and metrics so far; one line stays for each epoch. On a terminal the line is updated in place.
 *
 * @param output Where to write: standard error by default.
 */
export const progressBar = (output: Output = standardError()): Callback => {
  const live = output.isTTY === true;
  const clear = live ? "\r\u001b[2K" : "";
  const show = (run: Run, values: Values): void => {
    const line = `epoch ${run.epoch}/${run.epochs} ${bar(run)}  ${formatValues(values)}`;
    output.write(`${clear}${line.slice(0, (output.columns ?? 120) - 1)}`);
  };
  return {
    ...(live ? { onValues: show } : {}),
    onEpochEnd: ({ epochs }, record) => {
      output.write(`${clear}${formatRecord(record, epochs)}\n`);
    },
    onEnd: (_, { stopped }) => {
      if (stopped !== undefined) output.write(`${clear}stopped: ${stopped}\n`);
    },
  };
};
