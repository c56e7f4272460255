import { FormatError } from "@gradloom/backend";
import { optional } from "./optional.ts";

export interface CsvOptions {
  /** What separates fields; a comma by default. */
  readonly delimiter?: string;
  /** Names of columns; by default those in the first line. */
  readonly columns?: readonly string[];
}

/**
 * The records of a CSV text (RFC 4180). Needs the optional package `csv-parse`.
 *
 * @throws FormatError for broken quotes, lines of unequal length and columns without or of equal names.
 * @example await parseCsv("points.csv", "x,y\n1,2\n") // [{ x: "1", y: "2" }]
 */
export const parseCsv = async (
  name: string,
  text: string,
  { delimiter = ",", columns }: CsvOptions = {},
): Promise<Record<string, string>[]> => {
  const { parse } = await optional("parseCsv", "csv-parse/sync");
  let rows: string[][];
  try {
    rows = parse(text, { bom: true, delimiter, skip_empty_lines: true }) as string[][];
  } catch (error) {
    throw new FormatError(name, `is no CSV: ${(error as Error).message}`);
  }
  const head = columns ?? rows.shift() ?? [];
  if (new Set(head).size !== head.length || head.includes("")) {
    throw new FormatError(name, `needs columns with different names, got ${JSON.stringify(head)}`);
  }
  const wrong = rows.findIndex(({ length }) => length !== head.length);
  if (wrong >= 0) {
    throw new FormatError(
      name,
      `has ${rows[wrong]?.length} fields in record ${wrong}, there are ${head.length} columns`,
    );
  }
  return rows.map((row) => Object.fromEntries(row.map((field, i) => [head[i] as string, field])));
};
