const twoOverRootPi = 1.1283791670955126;
const rootPi = 1.772453850905516;

/**
 * The error function to a few units of float64 rounding: its series exp(-x²) Σ 2^n x^(2n+1) / (2n+1)!! below 2, the continued
 * fraction of erfc above (Abramowitz and Stegun, 7.1.6 and 7.1.14).
 */
export const erf = (x: number): number => {
  const size = Math.abs(x);
  if (!(size < 6)) return Math.sign(x);
  if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 2 ** -55; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return twoOverRootPi * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / (rootPi * (size + fraction)));
};
