/** A name from a file as messages show it. */
export const quote = (name: unknown): string => {
  if (typeof name !== "string") return `of type ${typeof name}`;
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
};
