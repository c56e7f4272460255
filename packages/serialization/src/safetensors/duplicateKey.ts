/** Where the string that begins at `start` ends, in text that `JSON.parse` has accepted. */
const endOfString = (json: string, start: number): number => {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
};

/** The first key that an object of a valid JSON text has twice, which `JSON.parse` would pass over in silence. */
export const duplicateKey = (json: string): string | undefined => {
  const open: Set<string>[] = [];
  let last = "";
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      last = json.slice(at, end);
      at = end - 1;
    } else if (character === ":") {
      const key = JSON.parse(last) as string;
      const keys = open.at(-1) as Set<string>;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
};
