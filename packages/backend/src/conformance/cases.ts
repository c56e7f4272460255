import type { KernelKind } from "../kernel.ts";
import { attentions } from "./attentions.ts";
import type { Case } from "./case.ts";
import { convs } from "./convs.ts";
import { customs } from "./customs.ts";
import { fuzz } from "./fuzz.ts";
import { gathers } from "./gathers.ts";
import { maps } from "./maps.ts";
import { matmuls } from "./matmuls.ts";
import { pools } from "./pools.ts";
import { reduces } from "./reduces.ts";
import { rows } from "./rows.ts";
import { scalarOps } from "./scalarOps.ts";
import { largeAngles } from "./scalarUnary.ts";
import { scans } from "./scans.ts";
import { scatters } from "./scatters.ts";
import { sorts } from "./sorts.ts";

/** Cases of every kind of kernel: a missing one does not compile. */
const kinds: { readonly [K in KernelKind]: () => Case[] } = {
  map: maps,
  reduce: reduces,
  row: rows,
  matmul: matmuls,
  conv: convs,
  pool: pools,
  gather: gathers,
  scatter: scatters,
  scan: scans,
  sort: sorts,
  attention: attentions,
  custom: customs,
};

/** Every kernel that the suite runs, with its data; the same every time. */
export const conformanceCases = (): Case[] => [
  ...Object.values(scalarOps).flatMap((cases) => cases()),
  ...largeAngles(),
  ...Object.values(kinds).flatMap((cases) => cases()),
  ...fuzz(),
];
