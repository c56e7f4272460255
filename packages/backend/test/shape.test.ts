import {
  broadcastShapes,
  checkShape,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  ShapeError,
  sameShape,
  sizeOf,
} from "@gradloom/backend";

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

test("sizes and strides", () => {
  expect([[], [0], [3], [2, 3, 4], [2, 0, 4]].map(sizeOf)).toEqual([1, 0, 3, 24, 0]);
  expect(contiguousStrides([2, 3, 4])).toEqual([12, 4, 1]);
  expect(contiguousStrides([])).toEqual([]);
  expect(sameShape([2, 3], [2, 3]) && !sameShape([2, 3], [2]) && !sameShape([2], [3])).toBe(true);
  expect(formatShape([2, 3])).toBe("[2,3]");
});

test("shapes that are none", () => {
  expect(refusal(() => checkShape("zeros", [2, -1]))).toBe("[zeros] a shape holds whole numbers >= 0, got [2,-1]");
  expect(refusal(() => checkShape("zeros", [1.5]))).toBe("[zeros] a shape holds whole numbers >= 0, got [1.5]");
  expect(refusal(() => checkShape("zeros", [65536, 65536]))).toBe(
    "[zeros] shape [65536,65536] has more than 2147483647 elements; split the tensor",
  );
  expect(() => checkShape("zeros", [])).not.toThrow();
});

test("axes", () => {
  expect([-3, -1, 0, 2].map((axis) => normalizeAxis("sum", axis, 3))).toEqual([0, 2, 0, 2]);
  expect(refusal(() => normalizeAxis("sum", 3, 3))).toBe("[sum] axis 3 is out of range for rank 3; use -3 to 2");
  expect(refusal(() => normalizeAxis("sum", 0.5, 3))).toBe("[sum] axis 0.5 is out of range for rank 3; use -3 to 2");
  expect(refusal(() => normalizeAxis("sum", 0, 0))).toBe(
    "[sum] axis 0 is out of range for rank 0; a rank-0 tensor has no axes",
  );
  expect(normalizeAxes("sum", undefined, 3)).toEqual([0, 1, 2]);
  expect(normalizeAxes("sum", -1, 3)).toEqual([2]);
  expect(normalizeAxes("sum", [2, -3], 3)).toEqual([0, 2]);
  expect(refusal(() => normalizeAxes("sum", [1, -2], 3))).toBe("[sum] axis 1 is named twice, got [1,1]");
});

test("broadcasting", () => {
  expect(broadcastShapes("add", [3, 1], [4])).toEqual([3, 4]);
  expect(broadcastShapes("add", [], [2, 0])).toEqual([2, 0]);
  expect(broadcastShapes("add", [1], [0])).toEqual([0]);
  expect(broadcastShapes("add", [5, 1, 3], [4, 3])).toEqual([5, 4, 3]);
  expect(refusal(() => broadcastShapes("add", [2, 3], [4, 3]))).toBe(
    "[add] shapes do not broadcast, got [2,3] and [4,3]; axis -2 has sizes 2 and 4; sizes must be equal or 1",
  );
});
