/** A share as a percentage, such as "97 %"; never rounded up to certainty. */
export const percent = (share: number, digits = 0): string => {
  const shown = (100 * share).toFixed(digits);
  return `${share < 1 && Number(shown) === 100 ? (100 - 10 ** -digits).toFixed(digits) : shown} %`;
};

export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

/** The position of the largest. */
export const best = (probabilities: readonly number[]): number => probabilities.indexOf(Math.max(...probabilities));
