import type { Pixels } from "../messages.ts";
import { normalizeDigit } from "./normalizeDigit.ts";

type Stroke = (readonly [x: number, y: number])[];

const side = 280;
/** Handwriting in MNIST is some 2 of 20 pixels thick. */
const pen = 22;
const box = 200;

const contextOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser cannot draw on a canvas");
  return context;
};

const draw = (context: CanvasRenderingContext2D, strokes: readonly Stroke[]): void => {
  context.clearRect(0, 0, side, side);
  Object.assign(context, { strokeStyle: "#fff", lineWidth: pen, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    context.beginPath();
    const [[x, y] = [0, 0]] = stroke;
    context.moveTo(x, y);
    // A line of no length makes a dot.
    for (const point of stroke) context.lineTo(...point);
    context.stroke();
  }
};

/** Strokes scaled to one size, so that small and large drawings come with lines of one thickness. */
const resized = (strokes: readonly Stroke[]): Stroke[] => {
  const points = strokes.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const extent = Math.max(Math.max(...xs) - left, Math.max(...ys) - top);
  // A dot stays a dot.
  const scale = (box - pen) / Math.max(extent, pen);
  const margin = (side - box + pen) / 2;
  return strokes.map((stroke) => stroke.map(([x, y]) => [margin + (x - left) * scale, margin + (y - top) * scale]));
};

/** A canvas to draw on; `changed` hears of every new line, with the digit in the form of MNIST, undefined when it was cleared. */
export const drawingPad = (canvas: HTMLCanvasElement, changed: (pixels: Pixels | undefined) => void) => {
  const context = contextOf(canvas);
  const hidden = contextOf(Object.assign(document.createElement("canvas"), { width: side, height: side }));
  let strokes: Stroke[] = [];
  let waiting = false;

  const pixels = (): Pixels | undefined => {
    if (strokes.length === 0) return undefined;
    draw(hidden, resized(strokes));
    const { data } = hidden.getImageData(0, 0, side, side);
    const ink = Float32Array.from({ length: side * side }, (_, i) => (data[4 * i + 3] as number) / 255);
    return normalizeDigit(ink, side, side);
  };
  const show = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw(context, strokes);
      changed(pixels());
    });
  };
  const add = (stroke: Stroke, { clientX, clientY }: PointerEvent): void => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    stroke.push([((clientX - left) * side) / width, ((clientY - top) * side) / height]);
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    const stroke: Stroke = [];
    strokes.push(stroke);
    add(stroke, event);
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    const stroke = strokes.at(-1);
    if (stroke === undefined || !canvas.hasPointerCapture(event.pointerId)) return;
    for (const each of event.getCoalescedEvents?.() ?? []) add(stroke, each);
    add(stroke, event);
    show();
  });
  return {
    clear: (): void => {
      strokes = [];
      show();
    },
  };
};
