import type { Limits } from "../program.ts";

/** The sizes of an attention: queries, and the elements of each and of a value in groups of four ("quads"). */
export interface AttentionSizes {
  readonly queries: number;
  readonly depth: number;
  readonly width: number;
}

/**
 * How workgroups share the work: each takes `groups * rows` queries and goes through the keys, `lanes * keys` at a time. An invocation has
 * `rows` queries, those of its group, `keys` keys, and `quads` quads of the columns of the result, `lanes` apart.
 */
export interface AttentionPlan {
  /** "shared": through the memory of workgroups. "lane": by broadcasts in a subgroup, which is the workgroup. */
  readonly kind: "shared" | "lane";
  readonly groups: number;
  readonly lanes: number;
  readonly rows: number;
  readonly keys: 1 | 4;
  readonly quads: number;
  /** Quads of queries and keys that are in shared memory at a time. */
  readonly depth: number;
}

/** Subgroups up to this width do with broadcasts: there are drivers that run them as lanes of vector instructions. */
const widestLanes = 8;
const laneRows = [8, 4, 2, 1] as const;

const mostInvocations = 64;
/** What invocations of a workgroup have, the best first. */
const sharedShapes = [
  { lanes: 8, rows: 4 },
  { lanes: 8, rows: 2 },
  { lanes: 4, rows: 2 },
  { lanes: 8, rows: 1 },
  { lanes: 4, rows: 1 },
] as const;
/** Quads of columns of an invocation, of which there are `rows` rows: more would not stay in registers. */
const mostQuads = 4;
/** Depths at which queries and keys are cut where they do not fit into shared memory whole. */
const depths = [16, 8, 4, 2, 1] as const;

/** Quads from the beginning of a line in shared memory to that of the next: odd, so that lines begin in different banks. */
export const pitch = (quads: number): number => quads | 1;

/** Quads of keys or values, whichever are more, that a tile has in shared memory. */
export const tileQuads = ({ lanes, keys, quads, depth }: AttentionPlan): number =>
  lanes * keys * Math.max(pitch(depth), lanes * quads);

const sharedBytes = (plan: AttentionPlan, elementBytes: number, subgroup: number): number => {
  const { groups, lanes, rows, depth } = plan;
  const elements = 4 * (groups * rows * (pitch(depth) + pitch(lanes)) + tileQuads(plan));
  // Without subgroups, maxima and sums of rows are put together through shared memory too.
  return elementBytes * (elements + (subgroup >= lanes ? 0 : 2 * rows * groups * lanes));
};

/** Workgroups that share the columns of the values between them; each calculates all weights. */
export const partsOf = ({ lanes, quads }: AttentionPlan, { width }: AttentionSizes): number =>
  Math.max(1, Math.ceil(width / (lanes * quads)));

const quadsFor = (lanes: number, { width }: AttentionSizes): number => {
  const parts = Math.ceil(width / (lanes * mostQuads));
  return Math.max(1, Math.ceil(width / Math.max(1, parts) / lanes));
};

/** Whether half as many rows would do as well. */
const isTall = (height: number, { queries }: AttentionSizes): boolean => height / 2 >= queries;

export const choosePlan = (sizes: AttentionSizes, elementBytes: number, limits: Limits): AttentionPlan => {
  const { subgroup } = limits;
  if (subgroup >= 4 && subgroup <= widestLanes) {
    const rows = laneRows.find((count) => count === 1 || !isTall(count, sizes)) as number;
    const quads = quadsFor(subgroup, sizes);
    return { kind: "lane", groups: 1, lanes: subgroup, rows, keys: 1, quads, depth: sizes.depth };
  }
  const kind = "shared" as const;
  const workgroup = Math.min(mostInvocations, limits.workgroup);
  const plans = [sizes.depth, ...depths.filter((depth) => depth < sizes.depth)].flatMap((depth) =>
    sharedShapes.map(({ lanes, rows }): AttentionPlan => {
      return {
        kind,
        groups: Math.floor(workgroup / lanes),
        lanes,
        rows,
        keys: 4,
        quads: quadsFor(lanes, sizes),
        depth,
      };
    }),
  );
  const fits = plans.filter((plan) => sharedBytes(plan, elementBytes, subgroup) <= limits.sharedBytes);
  return fits.find(({ groups, rows }) => rows === 1 || !isTall(groups * rows, sizes)) as AttentionPlan;
};
