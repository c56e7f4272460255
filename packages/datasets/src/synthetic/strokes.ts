import type { Random } from "../core/random.ts";

/** Points in the box from [0, 0] at the top left to [1, 1] at the bottom right, joined by straight lines. */
export type Stroke = readonly (readonly [x: number, y: number])[];

/** A part of an ellipse; angles in degrees, from the right over the bottom. */
const arc = (x: number, y: number, width: number, height: number, from: number, to: number): Stroke => {
  const steps = Math.ceil(Math.abs(to - from) / 20);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
};

const ellipse = (x: number, y: number, width: number, height: number, from: number): Stroke =>
  arc(x, y, width, height, from, from + 360);

/** The strokes of a digit, in one of the ways in which people write it. */
export const strokesOf = (digit: number, source: Random): readonly Stroke[] => {
  const often = (share: number): boolean => source.uniform() < share;
  /** A number near another one. */
  const near = (value: number, spread = 0.05): number => value + spread * (2 * source.uniform() - 1);
  const strokes: Readonly<Record<number, () => readonly Stroke[]>> = {
    0: () => [ellipse(0.5, 0.5, near(0.34, 0.1), near(0.48, 0.03), near(270, 40))],
    1: () => {
      const flag: Stroke[] = often(0.5)
        ? [
            [
              [near(0.25), near(0.22)],
              [0.5, 0],
            ],
          ]
        : [];
      const foot: Stroke[] = often(0.25)
        ? [
            [
              [near(0.25), 1],
              [near(0.75), 1],
            ],
          ]
        : [];
      return [
        [
          [0.5, 0],
          [near(0.5, 0.08), 1],
        ],
        ...flag,
        ...foot,
      ];
    },
    2: () => {
      const top = arc(0.48, 0.28, near(0.34), near(0.28, 0.03), near(200, 25), near(390, 15));
      return [[...top, [near(0.15, 0.08), near(0.97, 0.03)], [near(0.88, 0.06), near(0.97, 0.05)]]];
    },
    3: () => {
      const middle = near(0.48, 0.05);
      const top = arc(0.45, middle / 2, near(0.33), middle / 2, near(205, 20), 450);
      const bottom = arc(0.45, (1 + middle) / 2, near(0.37), (1 - middle) / 2, 270, near(505, 20));
      return [[...top, ...bottom]];
    },
    4: () => {
      const bar = near(0.62, 0.06);
      const stem = near(0.7);
      const open = often(0.5);
      const start: readonly [number, number] = open ? [near(0.2), near(0.02)] : [stem - 0.04, 0];
      return [
        [start, [near(0.12), bar], [near(0.92), near(bar, 0.04)]],
        [
          [stem, open ? near(0.05) : 0.02],
          [near(stem, 0.06), 1],
        ],
      ];
    },
    5: () => {
      const corner = near(0.24);
      const bowl = arc(0.46, near(0.68, 0.03), near(0.36), near(0.31, 0.03), near(230, 12), near(505, 20));
      return [[[near(0.84), near(0.02, 0.04)], [corner, 0.02], [near(corner - 0.04), near(0.46)], ...bowl]];
    },
    6: () => {
      const bowl = near(0.3, 0.05);
      const back = arc(0.74, 0.66, 0.56, 0.66, near(272, 10), 180);
      return [
        [
          ...back,
          ...ellipse(0.5, 1 - bowl, near(0.33, 0.04), bowl, 180)
            .map(([x, y]) => [x, y] as const)
            .reverse(),
        ],
      ];
    },
    7: () => {
      const bar: Stroke[] = often(0.35)
        ? [
            [
              [near(0.32), near(0.52)],
              [near(0.78), near(0.5)],
            ],
          ]
        : [];
      return [
        [
          [near(0.13), near(0.04)],
          [near(0.88), near(0.02)],
          [near(0.42, 0.12), 1],
        ],
        ...bar,
      ];
    },
    8: () => {
      const waist = near(0.47, 0.05);
      return [
        ellipse(near(0.52, 0.03), waist / 2, near(0.28), waist / 2, 90),
        ellipse(0.5, (1 + waist) / 2, near(0.34), (1 - waist) / 2, 270),
      ];
    },
    9: () => {
      const bowl = near(0.3, 0.05);
      const end: Stroke = often(0.5) ? [[near(0.72, 0.12), 1]] : arc(0.5, 0.78, 0.32, 0.22, 20, near(130, 30));
      return [[...ellipse(0.5, bowl, near(0.32, 0.05), bowl, 0), ...end]];
    },
  };
  return (strokes[digit] as () => readonly Stroke[])();
};
