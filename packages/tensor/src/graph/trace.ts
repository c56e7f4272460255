/** Set while a function is compiled: nothing may be evaluated then. */
let trace: object | undefined;

export const currentTrace = (): object | undefined => trace;

/** Runs `fn` while the graph that it builds is recorded. */
export const withTrace = <T>(fn: () => T): T => {
  const outer = trace;
  trace = {};
  try {
    return fn();
  } finally {
    trace = outer;
  }
};
