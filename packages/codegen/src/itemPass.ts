import type { Pass } from "./program.ts";
import { invocation, type Source } from "./source.ts";

/** From this many items on workgroups are large. */
const manyItems = 16384;

/** A pass in which each invocation does one of `count` items of work; `body` gets the name of its number, a uint32. */
export const itemPass = (s: Source, name: string, count: number, body: (id: string) => void): Pass => {
  const workgroup = Math.min(s.limits.workgroup, count < manyItems ? 64 : 256);
  const id = s.let("uint32", `${invocation.group} * ${workgroup}u + ${invocation.local}`, "id");
  s.line(`if (${id} >= ${count}u) { return; }`);
  body(id);
  return s.finish(name, workgroup, Math.ceil(count / workgroup));
};
