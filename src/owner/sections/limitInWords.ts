import { formatBytes } from "../../../convex/shared/files";
import { MEBIBYTE } from "../../../convex/shared/limits";
import { pageLocale } from "../../lib/pageLocale.ts";
import { numberOf } from "../format.ts";
import type { OwnerTexts } from "../ownerTexts.ts";
import type { Limit } from "./limitGroups.ts";

/** A limit's value with its unit: "60 a minute", "1 GB". */
export const limitInWords = (unit: Limit["unit"], value: number, units: OwnerTexts["units"]): string =>
  unit === "megabytes" ? formatBytes(value * MEBIBYTE, pageLocale()) : units[unit](numberOf(value));
