/** What is wrong in a file of settings, and where: `["providers", 1, "kind"]`. `rule`: for a page that has words of its own for it. */
export type ConfigFault = { path: (string | number)[]; message: string; rule?: ConfigRule };

/** Rules that somebody breaks by what they type. */
export type ConfigRule = "id" | "address" | "addressNeeded";

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text with something in it. */
export const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

export const isWebAddress = (value: unknown): value is string =>
  typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
