import { best, percent } from "./format.ts";

/** Ten bars, one for each digit. */
export const probabilityBars = (list: HTMLElement) => {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const row = document.createElement("li");
    const [name, bar, share] = ["span", "span", "span"].map((tag) => document.createElement(tag)) as [
      HTMLElement,
      HTMLElement,
      HTMLElement,
    ];
    name.textContent = `${digit}`;
    bar.className = "bar";
    row.append(name, bar, share);
    return { row, bar, share };
  });
  list.replaceChildren(...rows.map(({ row }) => row));

  const show = (probabilities: readonly number[] | undefined): void => {
    rows.forEach(({ row, bar, share }, digit) => {
      const probability = probabilities?.[digit];
      bar.style.setProperty("--share", `${probability ?? 0}`);
      share.textContent = probability === undefined ? "–" : percent(probability);
      row.className = probabilities !== undefined && best(probabilities) === digit ? "best" : "";
    });
  };
  show(undefined);
  return { show };
};
