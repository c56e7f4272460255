/** A float32 literal: the fewest digits that give the same number. */
export const literal = (value: number): string => {
  const float = Math.fround(value);
  let digits = 1;
  while (Math.fround(Number(float.toPrecision(digits))) !== float) digits++;
  return `${Number(float.toPrecision(digits))}f`.replace(/^(-?\d+)f$/, "$1.0f");
};

/** `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule. */
export const horner = (x: string, coefficients: readonly number[]): string =>
  coefficients
    .slice(0, -1)
    .reduceRight(
      (sum, coefficient) => `fma(${sum}, ${x}, ${literal(coefficient)})`,
      literal(coefficients.at(-1) as number),
    );
