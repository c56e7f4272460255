import uPlot from "uplot";

interface CurveOptions {
  /** Name of the CSS variable with the colour of the curve. */
  readonly color: string;
  readonly format: (value: number) => string;
  /** The fixed upper end of the axis; that of the values where there is none. */
  readonly top?: number;
  /** What the curve is of, for those who do not see it. */
  readonly name: string;
}

const height = 200;
const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A chart over the steps of training: a line for training, dots for the test images. */
export const curve = (root: HTMLElement, { color, format, top, name }: CurveOptions) => {
  let steps: number[] = [];
  let training: (number | null)[] = [];
  let tested: (number | null)[] = [];
  let last = 1;
  let waiting = false;

  const axis: uPlot.Axis = {
    stroke: () => css("--soft"),
    grid: { stroke: () => css("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const value = (_: uPlot, shown: number | null): string => (shown === null ? "–" : format(shown));
  const plot = new uPlot(
    {
      width: Math.max(200, root.clientWidth),
      height,
      scales: {
        x: { time: false, range: () => [0, last] },
        y: { range: (_, __, max) => [0, top ?? (max > 0 ? 1.05 * max : 1)] },
      },
      axes: [
        { ...axis, size: 28 },
        { ...axis, size: 48, values: (_, splits) => splits.map(format) },
      ],
      series: [
        { label: "Step" },
        { label: "training", stroke: () => css(color), width: 2, value, spanGaps: true, points: { show: false } },
        {
          label: "test images",
          stroke: () => css("--tested"),
          paths: () => null,
          value,
          points: { show: true, size: 9, fill: () => css("--tested") },
        },
      ],
      cursor: { drag: { x: false, y: false } },
    },
    [steps, training, tested],
    root,
  );

  const draw = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      plot.setData([steps, training, tested]);
    });
  };
  const describe = (): void => {
    const shown = training[training.length - 1] ?? training[training.length - 2];
    if (shown == null) return;
    root.setAttribute("aria-label", `${name}, ${format(shown)} at step ${steps.at(-1)}`);
  };
  /** The place of a step, at the end. */
  const place = (step: number): number => {
    if (steps.at(-1) !== step) {
      steps.push(step);
      training.push(null);
      tested.push(null);
    }
    return steps.length - 1;
  };

  new ResizeObserver(() => plot.setSize({ width: Math.max(200, root.clientWidth), height })).observe(root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
  return {
    add: (step: number, shown: number): void => {
      training[place(step)] = shown;
      describe();
      draw();
    },
    addTested: (step: number, shown: number): void => {
      tested[place(step)] = shown;
      draw();
    },
    /** Starts a new run of so many steps. */
    clear: (count: number): void => {
      [steps, training, tested, last] = [[], [], [], Math.max(1, count)];
      draw();
    },
  };
};
