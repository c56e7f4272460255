import { gradients } from "@gradloom/autograd";
import type { Device, Tensor } from "../../src/index.ts";
import { isFloat } from "../../src/index.ts";
import type { Results, Sample } from "./row.ts";
import type { Values } from "./values.ts";
import { random } from "./values.ts";

type MakeTensor = (input: Values) => Tensor;

const list = (results: Results): readonly Tensor[] => (Array.isArray(results) ? results : [results as Tensor]);

/** A number that depends on every element of every float result: their sum with fixed weights. */
const weigh = (results: Results, make: MakeTensor): Tensor => {
  const floats = list(results).filter((y) => isFloat(y.dtype));
  const terms = floats.map((y, i) => y.mul(make(random(y.shape, 0.5, 1.5, 11 + i))).sum());
  return terms.reduce((sum, term) => sum.add(term));
};

/** The directional derivative of `f` along `directions` as another function of the same inputs. */
const along =
  (f: (inputs: readonly Tensor[]) => Promise<Tensor>, places: readonly number[], directions: readonly Tensor[]) =>
  async (inputs: readonly Tensor[]): Promise<Tensor> => {
    const wanted = places.map((i) => inputs[i] as Tensor);
    const parts = gradients(await f(inputs), wanted).map((g, k) => g.mul(directions[k] as Tensor).sum());
    return parts.reduce((sum, part) => sum.add(part));
  };

/** Central differences of the fourth order: their error is far below that of rounding for smooth functions. */
const numeric = async (f: (offset: number) => Promise<number>, h: number): Promise<number> =>
  (8 * ((await f(h)) - (await f(-h))) - ((await f(2 * h)) - (await f(-2 * h)))) / (12 * h);

/** Why a derivative of a sample is wrong; undefined when all up to `order` are right. All in float64. */
export const checkDerivatives = async (
  sample: Sample,
  order: number,
  device: Device,
  make: (input: Values, device: Device) => Tensor,
): Promise<string | undefined> => {
  const tensorOf: MakeTensor = (input) => make(input, device);
  const { inputs } = sample;
  const places = inputs.flatMap((input, i) => (input.dtype === undefined ? [i] : []));
  if (places.every((i) => inputs[i]?.data.length === 0)) return undefined;
  const direction = (seed: number): Values[] =>
    places.map((i, k) => random(inputs[i]?.shape as number[], -1, 1, seed * 100 + k));
  let f = async (xs: readonly Tensor[]): Promise<Tensor> => weigh(await sample.call(...xs), tensorOf);
  for (let n = 1; n <= order; n++) {
    const offset = direction(n);
    const before = f;
    const derivative = along(
      before,
      places,
      offset.map((v) => tensorOf(v)),
    );
    const moved = (h: number): Tensor[] =>
      inputs.map((input, i) => {
        const k = places.indexOf(i);
        if (k < 0) return tensorOf(input);
        const v = offset[k] as Values;
        return tensorOf({ shape: input.shape, data: input.data.map((x, j) => x + h * (v.data[j] as number)) });
      });
    const got = (await derivative(moved(0))).itemSync();
    const want = await numeric(async (h) => (await before(moved(h))).itemSync(), 1e-3);
    const scale = Math.max(1, Math.abs(want), Math.abs((await before(moved(0))).itemSync()));
    if (!(Math.abs(got - want) <= 2e-8 * scale)) {
      return `derivative ${n} along a random direction is ${got}, differences give ${want}`;
    }
    f = derivative;
  }
  return undefined;
};
