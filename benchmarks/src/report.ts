import type { Result } from "./measure.ts";

const tenths = (n: number): string => String(Math.round(n * 10) / 10);

/** One result as a line of a table. */
export const row = ({ case: name, peer, threads, ms, value, unit, dispatches, submits }: Result): string => {
  const used = threads > 0 ? `${threads} threads` : "";
  const time = `${ms.toFixed(ms < 1 ? 5 : 3)} ms`;
  const rate = `${value.toFixed(2).padStart(10)} ${unit}`;
  const counts = dispatches === undefined ? "" : `   ${tenths(dispatches)} dispatches, ${tenths(submits ?? 0)} submits`;
  return `${name.padEnd(20)} ${peer.padEnd(14)} ${used.padStart(10)} ${time.padStart(15)} ${rate}${counts}`;
};

export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0] as string;

/** A case without a result, as a line of a table. */
export const noFigure = (name: string, peer: string, error: unknown): string =>
  `${name.padEnd(20)} ${peer.padEnd(14)} no figure: ${reasonOf(error)}`;

/** How each peer compares with us, one line per case. */
export const ratios = (results: readonly Result[]): string => {
  const lines = ["Gradloom's time over the peer's (below 1: Gradloom is faster)"];
  for (const own of results.filter(({ peer }) => peer === "gradloom")) {
    const others = results.filter((result) => result.case === own.case && result !== own);
    const texts = others.map(({ peer, ms }) => `${peer} ${(own.ms / ms).toFixed(3)}`);
    if (texts.length > 0) lines.push(`${own.case.padEnd(20)} ${texts.join("   ")}`);
  }
  return lines.join("\n");
};
