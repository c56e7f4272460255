import { ArgumentError, FormatError } from "@gradloom/backend";
import type { Dataset } from "../core/dataset.ts";
import { fromArrays } from "../core/fromArrays.ts";
import type { HostTensor } from "../core/hostTensor.ts";
import type { CsvOptions } from "./parseCsv.ts";
import { parseCsv } from "./parseCsv.ts";
import { readText } from "./readText.ts";

export interface CsvFileOptions extends CsvOptions {
  /** The column to predict. Words become numbers of classes, in alphabetical order. */
  readonly target: string;
  /** Numeric columns to predict from; all others by default. */
  readonly inputs?: readonly string[];
}

/** Rows of numbers, and the number or class to predict from each. */
export interface CsvDataset extends Dataset<[HostTensor, number]> {
  readonly inputs: readonly string[];
  /** Empty when the target is a number. */
  readonly classes: readonly string[];
}

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

const numberOf = (path: string, text: string, column: string, record: number): number => {
  if (isNumber(text)) return Number(text);
  throw new FormatError(
    path,
    `has ${JSON.stringify(text)} in column ${column} of record ${record}, which is no number`,
  );
};

/**
 * A CSV file (or the address of one) as examples: the input columns as float32, and the target as a number, or as the number of its
 * class where it holds words. Needs the optional package `csv-parse`.
 *
 * @throws FormatError for broken files and inputs that are no numbers, ArgumentError for columns that do not exist.
 * @example const iris = await csvFile("iris.csv", { target: "species" })
 */
export const csvFile = async (path: string, { target, inputs, ...options }: CsvFileOptions): Promise<CsvDataset> => {
  const records = await parseCsv(path, await readText(path), options);
  const [first] = records;
  if (first === undefined) throw new FormatError(path, "has no records");
  const columns = Object.keys(first);
  const chosen = inputs ?? columns.filter((column) => column !== target);
  for (const column of [target, ...chosen]) {
    if (!columns.includes(column)) {
      throw new ArgumentError("csvFile", `${path} has no column ${column}`, `use some of ${columns.join(", ")}`);
    }
  }
  const data = new Float32Array(records.length * chosen.length);
  for (const [i, record] of records.entries()) {
    for (const [k, column] of chosen.entries()) {
      data[i * chosen.length + k] = numberOf(path, record[column] as string, column, i);
    }
  }
  const targets = records.map((record) => record[target] as string);
  const classes = targets.every(isNumber) ? [] : [...new Set(targets)].sort();
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const y =
    classes.length > 0
      ? Int32Array.from(targets, (name) => numbers.get(name) as number)
      : Float32Array.from(targets, Number);
  return { ...fromArrays([{ data, shape: [records.length, chosen.length] }, y]), inputs: chosen, classes };
};
