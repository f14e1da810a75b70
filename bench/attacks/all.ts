import * as newer from "./newer.ts";
import * as ofTheTable from "./ofTheTable.ts";
import * as others from "./others.ts";
import type { Attack } from "./target.ts";

/** By name, those of the table first. */
export const ATTACKS: Readonly<Record<string, Attack>> = { ...ofTheTable, ...others, ...newer };
