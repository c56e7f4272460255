import { readFileSync } from "node:fs";
import type * as optimizers from "../src/index.ts";
import type { PlateauOptions, Schedule } from "../src/index.ts";
import {
  chained,
  constantRate,
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmup,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
  ReduceOnPlateau,
  Scheduler,
  sequential,
  stepDecay,
} from "../src/index.ts";

const stored = JSON.parse(readFileSync(`${__dirname}/fixtures/pytorch.json`, "utf8")) as {
  schedules: Record<string, number[]>;
  losses: number[];
  plateaus: { options: Partial<PlateauOptions>; points: number[] }[];
};

type Exports = typeof optimizers;

/** Every exported function that makes a schedule: one without a row does not compile. */
type Name = {
  [K in keyof Exports]: Exports[K] extends (...args: never) => Schedule ? K : never;
}[keyof Exports];

interface Row {
  /** By the name of the stored points. */
  readonly points: Readonly<Record<string, Schedule>>;
  readonly refused: readonly (readonly [make: () => Schedule, message: string])[];
}

const rate = 0.1;

const rows: { readonly [N in Name]: Row } = {
  constantRate: {
    points: { constantRate: constantRate({ rate, factor: 0.25, steps: 7 }) },
    refused: [
      [() => constantRate({ rate: -1 }), "[constantRate] rate must be a number >= 0, got -1"],
      [() => constantRate({ rate, factor: 2 }), "[constantRate] factor must be in [0, 1], got 2"],
      [() => constantRate({ rate, steps: 0 }), "[constantRate] steps must be a whole number >= 1, got 0"],
    ],
  },
  linearWarmup: {
    points: { linearWarmup: linearWarmup({ rate, start: 0.1, end: 0.8, steps: 12 }) },
    refused: [[() => linearWarmup({ rate, start: -1 }), "[linearWarmup] start must be in [0, 1], got -1"]],
  },
  stepDecay: {
    points: { stepDecay: stepDecay({ rate, every: 7, gamma: 0.3 }) },
    refused: [[() => stepDecay({ rate, every: 0.5 }), "[stepDecay] every must be a whole number >= 1, got 0.5"]],
  },
  multiStepDecay: {
    points: { multiStepDecay: multiStepDecay({ rate, milestones: [4, 9, 20], gamma: 0.3 }) },
    refused: [
      [
        () => multiStepDecay({ rate, milestones: [3, 2] }),
        "[multiStepDecay] milestones must be a list of whole numbers in ascending order, got 3,2",
      ],
    ],
  },
  exponentialDecay: {
    points: { exponentialDecay: exponentialDecay({ rate, gamma: 0.93 }) },
    refused: [[() => exponentialDecay({ rate, gamma: -1 }), "[exponentialDecay] gamma must be a number >= 0, got -1"]],
  },
  polynomialDecay: {
    points: { polynomialDecay: polynomialDecay({ rate, steps: 25, power: 2 }) },
    refused: [[() => polynomialDecay({ rate, power: -1 }), "[polynomialDecay] power must be a number >= 0, got -1"]],
  },
  cosineDecay: {
    points: { cosineDecay: cosineDecay({ rate, steps: 20, end: 0.01 }) },
    refused: [[() => cosineDecay({ rate, end: -1 }), "[cosineDecay] end must be a number >= 0, got -1"]],
  },
  cosineWarmRestarts: {
    points: { cosineWarmRestarts: cosineWarmRestarts({ rate, steps: 4, factor: 2, end: 0.001 }) },
    refused: [
      [
        () => cosineWarmRestarts({ rate, factor: 1.5 }),
        "[cosineWarmRestarts] factor must be a whole number >= 1, got 1.5",
      ],
    ],
  },
  oneCycle: {
    points: {
      oneCycle: oneCycle({ rate, steps: 30 }),
      "oneCycle, linear": oneCycle({
        rate,
        steps: 30,
        rise: 0.2,
        anneal: "linear",
        startDivisor: 10,
        endDivisor: 100,
      }),
      "oneCycle, three phases": oneCycle({ rate, steps: 30, rise: 0.4, threePhase: true }),
    },
    refused: [
      [
        () => oneCycle({ rate, anneal: "none" as "linear" }),
        "[oneCycle] anneal must be one of cosine, linear, got none",
      ],
      [() => oneCycle({ rate, rise: 1.5 }), "[oneCycle] rise must be in [0, 1], got 1.5"],
    ],
  },
  chained: {
    points: {
      chained: chained([
        linearWarmup({ rate, start: 0.2, end: 1, steps: 6 }),
        exponentialDecay({ rate: 1, gamma: 0.9 }),
      ]),
    },
    refused: [[() => chained([]), "[chained] needs at least one schedule"]],
  },
  sequential: {
    points: {
      sequential: sequential(
        [
          linearWarmup({ rate, start: 0.2, end: 1, steps: 6 }),
          stepDecay({ rate, every: 3, gamma: 0.5 }),
          constantRate({ rate, factor: 0.5, steps: 3 }),
        ],
        [6, 18],
      ),
    },
    refused: [
      [() => sequential([stepDecay({ rate })], [1]), "[sequential] needs one start fewer than schedules, got 1 and 1"],
      [
        () => sequential([stepDecay({ rate }), stepDecay({ rate })], [1.5]),
        "[sequential] starts must be a list of whole numbers in ascending order, got 1.5",
      ],
    ],
  },
};

describe.each(Object.entries(rows))("%s", (_, { points, refused }) => {
  test.each(Object.entries(points))("as PyTorch: %s", (name, schedule) => {
    const expected = stored.schedules[name] as number[];
    expect(expected).toHaveLength(30);
    expected.forEach((value, step) => {
      expect(Math.abs(schedule(step) - value)).toBeLessThanOrEqual(1e-9 * value);
    });
  });

  test("refuses what is out of range", () => {
    for (const [make, message] of refused) expect(make).toThrow(expect.objectContaining({ message }));
  });
});

test("every stored schedule is compared", () => {
  const compared = Object.values(rows).flatMap(({ points }) => Object.keys(points));
  expect(compared.sort()).toEqual(Object.keys(stored.schedules).sort());
});

describe("ReduceOnPlateau", () => {
  test.each(stored.plateaus.map(({ options, points }) => [options, points] as const))(
    "as PyTorch: %j",
    (options, points) => {
      const target = { learningRate: 0.1 };
      const plateau = new ReduceOnPlateau(target, options);
      stored.losses.forEach((loss, i) => {
        plateau.step(loss);
        expect(target.learningRate).toBeCloseTo(points[i] as number, 12);
      });
    },
  );

  test("goes on from a saved state", () => {
    const [one, two] = [{ learningRate: 0.1 }, { learningRate: 1 }];
    const first = new ReduceOnPlateau(one, { patience: 2 });
    for (const loss of [1, 1, 1]) first.step(loss);
    const second = new ReduceOnPlateau(two, { patience: 2 });
    second.loadState(first.state());
    first.step(1);
    second.step(1);
    expect([one.learningRate, two.learningRate]).toEqual([0.1 * 0.1, 0.1 * 0.1]);
  });

  test("refuses what it cannot use", () => {
    const target = { learningRate: 0.1 };
    expect(() => new ReduceOnPlateau(target, { factor: 1 })).toThrow(
      "[ReduceOnPlateau] factor must be in [0, 1), got 1",
    );
    expect(() => new ReduceOnPlateau(target).step("1" as unknown as number)).toThrow(
      "[ReduceOnPlateau] takes numbers, got 1; await tensor.item()",
    );
  });
});

describe("Scheduler", () => {
  test("sets the rate of the first step at once, of each next with step(), and resumes anywhere", () => {
    const target = { learningRate: 1 };
    const schedule = exponentialDecay({ rate: 0.5, gamma: 0.5 });
    const scheduler = new Scheduler(target, schedule);
    expect(target.learningRate).toBe(0.5);
    scheduler.step();
    expect([target.learningRate, scheduler.steps]).toEqual([0.25, 1]);
    scheduler.steps = 4;
    expect(target.learningRate).toBe(schedule(4));
  });

  test("refuses rates and steps that make no sense", () => {
    const target = { learningRate: 1 };
    expect(() => new Scheduler(target, () => Number.NaN)).toThrow(
      "[schedule] gave NaN for step 0; give a finite number >= 0",
    );
    const scheduler = new Scheduler(target, () => 1);
    expect(() => {
      scheduler.steps = -1;
    }).toThrow("[Scheduler] steps must be a whole number >= 0, got -1");
  });
});
