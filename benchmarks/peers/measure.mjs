/** How to sample, as ../src/measure.ts decides; thorough when a peer is run by hand. */
const sampling = {
  ...{ warmMs: 500, warmRuns: 2, samples: 11, sampleMs: 50, leastSamples: 3, budgetMs: 6000 },
  ...JSON.parse(process.env.SAMPLING ?? "{}"),
};

/** Median milliseconds of one run; the same method as in ../src/measure.ts. `counters` reads what runs add to. */
export const measure = async (run, counters = () => ({})) => {
  const { warmMs, warmRuns, samples, sampleMs, leastSamples, budgetMs } = sampling;
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
  const times = [];
  while (times.length < samples && (times.length < leastSamples || performance.now() - began < budgetMs)) {
    const start = performance.now();
    for (let i = 0; i < perSample; i++) await run();
    times.push((performance.now() - start) / perSample);
  }
  const after = counters();
  const repeats = times.length;
  const perRun = Object.fromEntries(
    Object.keys(after).map((name) => [name, (after[name] - before[name]) / (repeats * perSample)]),
  );
  times.sort((a, b) => a - b);
  return { ms: times[repeats >> 1], repeats, ...perRun };
};

/** Runs the named cases of a table; one that there is not, or that cannot run, prints why. */
export const main = async (cases, names, version, counters) => {
  for (const name of names) {
    try {
      if (cases[name] === undefined) throw new Error("there is no such case here");
      console.log(JSON.stringify({ case: name, ...(await measure(await cases[name](), counters)), version }));
    } catch (error) {
      console.log(
        JSON.stringify({
          case: name,
          error: String(error.message ?? error)
            .split("\n")[0]
            .slice(0, 200),
          version,
        }),
      );
    }
  }
};
