/** Median milliseconds of one run; the same method as in ../src/measure.ts. */
export const measure = async (run, { samples = 11, sampleMs = 50, budgetMs = 6000 } = {}) => {
  const warmed = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - warmed < 500 || runs < 2);
  const once = (performance.now() - warmed) / runs;
  const perSample = Math.max(1, Math.round(sampleMs / once));
  const began = performance.now();
  const times = [];
  while (times.length < samples && (times.length < 3 || performance.now() - began < budgetMs)) {
    const start = performance.now();
    for (let i = 0; i < perSample; i++) await run();
    times.push((performance.now() - start) / perSample);
  }
  times.sort((a, b) => a - b);
  return { ms: times[times.length >> 1], repeats: times.length };
};

/** Runs the named cases of a table; a case that cannot run prints why. */
export const main = async (cases, names, version) => {
  for (const name of names) {
    if (cases[name] === undefined) continue;
    try {
      const { ms, repeats } = await measure(await cases[name]());
      console.log(JSON.stringify({ case: name, ms, repeats, version }));
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
