/** Work that a case repeats, and how it is counted. */
export interface Case {
  /** Name in tables and JSON lines. */
  readonly name: string;
  /** What the value counts: GFLOP/s, GB/s, steps/s, ... */
  readonly unit: string;
  /** Units of work in one run, in the unit's base (flops, bytes, steps); value = work / seconds / scale. */
  readonly work: number;
  readonly scale: number;
  /** Prepares inputs; the result runs once, to the end. */
  readonly prepare: () => Promise<Run>;
}

export interface Run {
  (): Promise<unknown>;
  /** Work of one run, where it is known only now. */
  readonly work?: number;
}

export interface Result {
  readonly case: string;
  readonly peer: string;
  readonly device: string;
  readonly threads: number;
  /** Median milliseconds of one run. */
  readonly ms: number;
  readonly value: number;
  readonly unit: string;
  /** Samples taken. */
  readonly repeats: number;
}

/** Median milliseconds of one run: warmed up, then samples of at least `sampleMs` each, at most `budgetMs` in all. */
export const measure = async (
  run: () => Promise<unknown>,
  { samples = 11, sampleMs = 50, budgetMs = 6000 }: { samples?: number; sampleMs?: number; budgetMs?: number } = {},
): Promise<{ ms: number; repeats: number }> => {
  // Warm until the engine has optimised what runs: half a second, or one run of a slow case.
  const warmed = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - warmed < 500 || runs < 2);
  const once = (performance.now() - warmed) / runs;
  const perSample = Math.max(1, Math.round(sampleMs / once));
  const began = performance.now();
  const times: number[] = [];
  while (times.length < samples && (times.length < 3 || performance.now() - began < budgetMs)) {
    const start = performance.now();
    for (let i = 0; i < perSample; i++) await run();
    times.push((performance.now() - start) / perSample);
  }
  times.sort((a, b) => a - b);
  return { ms: times[times.length >> 1] as number, repeats: times.length };
};
