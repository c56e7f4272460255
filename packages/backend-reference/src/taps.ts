import type { Shape, Window } from "@gradloom/backend";
import { sizeOf } from "@gradloom/backend";

/** Visits where window position `w` of output position `y` lies on input position `x`; all are row-major, batch included in x and y. */
export type Taps = (visit: (x: number, y: number, w: number) => void) => void;

/** Every (x, y, w) with x = y · stride - padding + w · dilation inside the input; in the order of y, then w. */
export const tapsOf = (geometry: Window, batch: number, spatial: Shape, out: Shape, window: Shape): Taps => {
  const rank = spatial.length;
  const full = <T>(list: readonly T[], value: T): T[] => [...new Array<T>(3 - rank).fill(value), ...list];
  const [xd, xh, xw] = full(spatial, 1) as [number, number, number];
  const [yd, yh, yw] = full(out, 1) as [number, number, number];
  const [wd, wh, ww] = full(window, 1) as [number, number, number];
  const [sd, sh, sw] = full(geometry.stride, 1) as [number, number, number];
  const [dd, dh, dw] = full(geometry.dilation, 1) as [number, number, number];
  const [pd, ph, pw] = full(
    geometry.padding.map(([low]) => low),
    0,
  ) as [number, number, number];
  const outputs = sizeOf(out);
  return (visit) => {
    for (let y = 0; y < batch * outputs; y++) {
      const n = Math.floor(y / outputs);
      const column = (y % yw) * sw - pw;
      const row = (Math.floor(y / yw) % yh) * sh - ph;
      const slice = (Math.floor(y / (yw * yh)) % yd) * sd - pd;
      for (let a = 0; a < wd; a++) {
        const i = slice + a * dd;
        if (i < 0 || i >= xd) continue;
        for (let b = 0; b < wh; b++) {
          const j = row + b * dh;
          if (j < 0 || j >= xh) continue;
          for (let c = 0; c < ww; c++) {
            const k = column + c * dw;
            if (k >= 0 && k < xw) visit(((n * xd + i) * xh + j) * xw + k, y, (a * wh + b) * ww + c);
          }
        }
      }
    }
  };
};
