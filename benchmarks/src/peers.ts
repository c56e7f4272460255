import type { Case, Result } from "./measure.ts";

export const runPeers = async (
  _cases: readonly Case[],
  _threads: number,
  _show: (result: Result) => void,
): Promise<void> => {};
