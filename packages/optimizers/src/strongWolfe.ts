/** A point on a line: how far along, the function's value there, and its derivative along the line. */
export interface Point<G> {
  readonly at: number;
  readonly value: number;
  readonly slope: number;
  /** The gradient, as whoever evaluates has it. */
  readonly gradient: G;
}

/** The minimum of the cubic through two points with their slopes, within bounds. */
export const cubicMinimum = <G>(
  a: Point<G>,
  b: Point<G>,
  [low, high]: readonly [number, number] = a.at <= b.at ? [a.at, b.at] : [b.at, a.at],
): number => {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.at - b.at);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const [left, right] = a.at <= b.at ? [a, b] : [b, a];
  const d2 = Math.sqrt(square);
  const at = right.at - (right.at - left.at) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(at, low), high);
};

export interface LineSearchOptions {
  /** Sufficient decrease. */
  readonly c1?: number;
  /** Flatness. */
  readonly c2?: number;
  readonly toleranceChange: number;
  /** Evaluations at most, beside the first. */
  readonly evaluations: number;
  /** The largest element of the direction, by size. */
  readonly directionSize: number;
}

/**
 * A step that fulfils the strong Wolfe conditions: bracketing and zooming by cubic interpolation (Nocedal & Wright, "Numerical
 * optimization", 3.5 and 3.6), in the steps and with the safeguards of PyTorch's L-BFGS.
 *
 * @returns The best point found and the number of evaluations.
 */
export const strongWolfe = async <G>(
  evaluate: (at: number) => Promise<Point<G>>,
  start: Point<G>,
  first: number,
  { c1 = 1e-4, c2 = 0.9, toleranceChange, evaluations, directionSize }: LineSearchOptions,
): Promise<{ readonly point: Point<G>; readonly evaluations: number }> => {
  const tooHigh = ({ at, value }: Point<G>): boolean => value > start.value + c1 * at * start.slope;
  const flat = ({ slope }: Point<G>): boolean => Math.abs(slope) <= -c2 * start.slope;
  let point = await evaluate(first);
  let used = 1;
  let previous = start;
  let bracket: [Point<G>, Point<G>] | undefined;
  let iteration = 0;
  for (; iteration < evaluations; iteration++) {
    if (tooHigh(point) || (iteration > 1 && point.value >= previous.value)) {
      bracket = [previous, point];
      break;
    }
    if (flat(point)) return { point, evaluations: used };
    if (point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const bounds = [point.at + 0.01 * (point.at - previous.at), point.at * 10] as const;
    const at = cubicMinimum(previous, point, bounds);
    previous = point;
    point = await evaluate(at);
    used++;
  }
  bracket ??= [start, point];

  let insufficient = false;
  const lowest = ([a, b]: readonly [Point<G>, Point<G>]): 0 | 1 => (a.value <= b.value ? 0 : 1);
  let low = lowest(bracket);
  while (iteration < evaluations) {
    const [a, b] = bracket;
    if (Math.abs(b.at - a.at) * directionSize < toleranceChange) break;
    let at = cubicMinimum(a, b);
    const [left, right] = a.at <= b.at ? [a.at, b.at] : [b.at, a.at];
    const margin = 0.1 * (right - left);
    const nearEdge = Math.min(right - at, at - left) < margin;
    if (nearEdge && (insufficient || at >= right || at <= left)) {
      at = Math.abs(at - right) < Math.abs(at - left) ? right - margin : left + margin;
      insufficient = false;
    } else insufficient = nearEdge;
    point = await evaluate(at);
    used++;
    iteration++;
    const high = (1 - low) as 0 | 1;
    if (tooHigh(point) || point.value >= bracket[low].value) {
      bracket[high] = point;
      low = lowest(bracket);
      continue;
    }
    const done = flat(point);
    if (!done && point.slope * (bracket[high].at - bracket[low].at) >= 0) bracket[high] = bracket[low];
    bracket[low] = point;
    if (done) break;
  }
  return { point: bracket[low], evaluations: used };
};
