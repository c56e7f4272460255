import {
  dtypes,
  fromBfloat16,
  fromFloat16,
  highest,
  hostArray,
  lowest,
  readElement,
  roundTo,
  toBfloat16,
  toFloat16,
  writeElement,
} from "@gradloom/backend";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

test("every float16 pattern is the number that its bits say", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const text = bits.toString(2).padStart(16, "0");
    const [exponent, fraction] = [Number.parseInt(text.slice(1, 6), 2), Number.parseInt(text.slice(6), 2)];
    const size =
      exponent === 31
        ? fraction > 0
          ? nan
          : inf
        : exponent === 0
          ? Number.parseFloat(`${fraction}`) / 16777216
          : ((1024 + fraction) * 2 ** exponent) / 2 ** 25;
    const value = text[0] === "1" ? -size : size;
    if (!Object.is(fromFloat16(bits), value)) throw new Error(`${text} is read as ${fromFloat16(bits)}`);
    if (!Number.isNaN(value) && toFloat16(value) !== bits) throw new Error(`${value} is not written as ${text}`);
  }
  expect(fromFloat16(toFloat16(nan))).toBeNaN();
});

test("every bfloat16 pattern is the upper half of a float32", () => {
  const words = new DataView(new ArrayBuffer(4));
  for (let bits = 0; bits < 65536; bits++) {
    words.setUint16(0, bits);
    words.setUint16(2, 0);
    const value = words.getFloat32(0);
    if (!Object.is(fromBfloat16(bits), value)) throw new Error(`${bits} is read as ${fromBfloat16(bits)}`);
    if (!Number.isNaN(value) && toBfloat16(value) !== bits) throw new Error(`${value} is not written as ${bits}`);
  }
  expect(fromBfloat16(toBfloat16(nan))).toBeNaN();
  expect(fromBfloat16(toBfloat16(-nan))).toBeNaN();
});

/** The nearest of all finite patterns, the even one of two. */
const nearest = (value: number, from: (bits: number) => number, largest: number): number => {
  let best = 0;
  for (let bits = 0; bits <= largest; bits++) {
    const [distance, least] = [Math.abs(from(bits) - value), Math.abs(from(best) - value)];
    if (distance < least || (distance === least && bits % 2 === 0)) best = bits;
  }
  return best;
};

test("numbers between patterns go to the nearest, ties to even", () => {
  let state = 1;
  for (let i = 0; i < 60; i++) {
    state = (state * 48271) % 2147483647;
    const unit = state / 2147483647;
    const single = Math.fround(unit * 2 ** ((i % 30) - 24));
    expect(toFloat16(single)).toBe(nearest(single, fromFloat16, 0x7bff));
    expect(toBfloat16(single)).toBe(nearest(single, fromBfloat16, 0x7f7f));
  }
  for (let bits = 1; bits < 0x7bff; bits += 37) {
    const middle = (fromFloat16(bits) + fromFloat16(bits + 1)) / 2;
    expect(toFloat16(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
    expect(toFloat16(-middle)).toBe(0x8000 + (bits % 2 === 0 ? bits : bits + 1));
  }
});

test("half floats end where they should", () => {
  expect(roundTo("float16", 65519.99)).toBe(65504);
  expect(roundTo("float16", 65520)).toBe(inf);
  expect(roundTo("float16", -1e9)).toBe(-inf);
  expect(roundTo("float16", 2 ** -25)).toBe(0);
  expect(roundTo("float16", 2 ** -25 * 1.0001)).toBe(2 ** -24);
  expect(Object.is(roundTo("float16", -1e-9), -0)).toBe(true);
  expect(roundTo("bfloat16", 3.3895313892515355e38)).toBe(3.3895313892515355e38);
  expect(roundTo("bfloat16", 3.4e38)).toBe(inf);
  expect(roundTo("bfloat16", 1.00390625)).toBe(1);
  expect(roundTo("bfloat16", 1.01171875)).toBe(1.015625);
});

test("casts to whole numbers cut off, saturate, and keep the low byte", () => {
  const table = [
    [
      "int32",
      [nan, 0],
      [1.9, 1],
      [-1.9, -1],
      [3e9, 2147483647],
      [-3e9, -2147483648],
      [inf, 2147483647],
      [-inf, -2147483648],
    ],
    ["uint32", [nan, 0], [1.9, 1], [-1.9, 0], [3e9, 3000000000], [1e10, 4294967295], [-inf, 0], [inf, 4294967295]],
    ["int8", [127, 127], [128, -128], [255, -1], [256, 0], [-129, 127], [1e20, -1], [-1e20, 0], [nan, 0], [-0.5, 0]],
    ["uint8", [255, 255], [256, 0], [-1, 255], [-1.5, 255], [1e20, 255], [nan, 0], [300, 44]],
    ["bool", [0, 0], [-0, 0], [0.1, 1], [nan, 1], [-2, 1]],
    ["float32", [0.1, 0.10000000149011612], [1e39, inf], [16777217, 16777216]],
    ["float64", [0.1, 0.1], [1e300, 1e300]],
  ] as const;
  for (const [dtype, ...pairs] of table) {
    for (const [value, expected] of pairs) {
      expect([dtype, value, roundTo(dtype, value)]).toEqual([dtype, value, expected]);
      const array = hostArray(dtype, 2);
      writeElement(dtype, array, 1, value);
      expect(readElement(dtype, array, 1)).toBe(expected);
    }
  }
});

test("elements of every dtype are written and read", () => {
  for (const dtype of dtypes) {
    const array = hostArray(dtype, 3);
    writeElement(dtype, array, 1, 1);
    expect([0, 1, 2].map((i) => readElement(dtype, array, i))).toEqual([0, 1, 0]);
  }
});

test("the lowest and highest values of the compute types", () => {
  expect(dtypes.map(lowest)).toEqual([-inf, -inf, -inf, -inf, -2147483648, 0, -2147483648, -2147483648, 0]);
  expect(dtypes.map(highest)).toEqual([inf, inf, inf, inf, 2147483647, 4294967295, 2147483647, 2147483647, 1]);
});
