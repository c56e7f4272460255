import type { Result } from "./measure.ts";
import { noFigure } from "./report.ts";

/** One who runs a case: we or a peer. */
export interface Contestant {
  readonly name: string;
  readonly once: () => Promise<Result>;
}

/** The result with the median time. */
const middle = (results: readonly Result[]): Result =>
  [...results].sort((a, b) => a.ms - b.ms)[results.length >> 1] as Result;

/** All in turn, so often, that whatever else the machine does slows down everyone; who fails drops out. */
export const contest = async (name: string, contestants: readonly Contestant[], rounds: number): Promise<Result[]> => {
  const found = new Map(contestants.map((contestant): [Contestant, Result[]] => [contestant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, results] of [...found]) {
      try {
        results.push(await contestant.once());
      } catch (error) {
        console.log(noFigure(name, contestant.name, error));
        found.delete(contestant);
      }
    }
  }
  return [...found.values()].map(middle);
};
