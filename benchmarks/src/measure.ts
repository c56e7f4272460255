/** Work that a case repeats, and how it is counted. */
export interface Case {
  /** Name in tables and JSON lines. */
  readonly name: string;
  /** What the value counts: GFLOP/s, GB/s, steps/s, ... */
  readonly unit: string;
  /** Units of work in one run, in the unit's base (flops, bytes, steps); value = work / seconds / scale. */
  readonly work: number;
  readonly scale: number;
  /** The one device on which it says something, with the reason. */
  readonly only?: { readonly device: string; readonly because: string };
  /** True for a case that no peer has. */
  readonly alone?: boolean;
  /** Prepares inputs; the result runs once, to the end. */
  readonly prepare: () => Promise<Run>;
}

export interface Run {
  (): Promise<unknown>;
  /** Work of one run, where it is known only now. */
  readonly work?: number;
  /** What there is to say after it was measured. */
  readonly note?: () => string;
}

/** What a device was given to do. */
export interface Counters {
  readonly dispatches: number;
  readonly submits: number;
}

/** What was measured of a run; counters where there are any, per run. */
export interface Measured extends Partial<Counters> {
  /** Median milliseconds of one run. */
  readonly ms: number;
  /** Samples taken. */
  readonly repeats: number;
}

export interface Result extends Measured {
  readonly case: string;
  readonly peer: string;
  readonly device: string;
  readonly threads: number;
  readonly value: number;
  readonly unit: string;
  /** Of the peer, with its device where it has a choice. */
  readonly version?: string;
}

export interface Sampling {
  /** Least milliseconds of warming up. */
  readonly warmMs: number;
  /** Least runs of warming up. */
  readonly warmRuns: number;
  readonly samples: number;
  /** Least milliseconds of one sample. */
  readonly sampleMs: number;
  readonly leastSamples: number;
  /** No further sample than these is begun after so many milliseconds. */
  readonly budgetMs: number;
}

export const thorough: Sampling = {
  warmMs: 500,
  warmRuns: 2,
  samples: 11,
  sampleMs: 50,
  leastSamples: 3,
  budgetMs: 6000,
};

export const quick: Sampling = { warmMs: 0, warmRuns: 1, samples: 3, sampleMs: 10, leastSamples: 1, budgetMs: 1000 };

/** Median milliseconds of one run: warmed up until the engine has optimised what runs, then sampled. */
export const measure = async (
  run: () => Promise<unknown>,
  { warmMs, warmRuns, samples, sampleMs, leastSamples, budgetMs }: Sampling,
  counters: () => Counters | undefined = () => undefined,
): Promise<Measured> => {
  const warmed = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - warmed < warmMs || runs < warmRuns);
  const once = (performance.now() - warmed) / runs;
  const perSample = Math.max(1, Math.round(sampleMs / once));
  const before = counters();
  const began = performance.now();
  const times: number[] = [];
  while (times.length < samples && (times.length < leastSamples || performance.now() - began < budgetMs)) {
    const start = performance.now();
    for (let i = 0; i < perSample; i++) await run();
    times.push((performance.now() - start) / perSample);
  }
  const after = counters();
  const repeats = times.length;
  const measured = { ms: median(times), repeats };
  if (before === undefined || after === undefined) return measured;
  const perRun = (kind: keyof Counters): number => (after[kind] - before[kind]) / (repeats * perSample);
  return { ...measured, dispatches: perRun("dispatches"), submits: perRun("submits") };
};

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] as number;
