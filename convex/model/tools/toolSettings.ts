/**
 * What the environment says of tools. What it leaves open is the owner's to set on their page: `toolAudience.ts`. What sends and lists need to
 * know of a tool is here, so that they need not load the tools themselves.
 */

/** Verbatim's own tools, and whether a person must approve each call, whatever the owner has set. */
const OWN_TOOLS = {
  calculator: { needsApproval: false },
  currentTime: { needsApproval: false },
  searchChats: { needsApproval: false },
  readPage: { needsApproval: false },
  webSearch: { needsApproval: false },
};
export type OwnToolName = keyof typeof OWN_TOOLS;

export const OWN_TOOL_NAMES = Object.keys(OWN_TOOLS) as OwnToolName[];

export const isOwnTool = (name: string): name is OwnToolName => Object.hasOwn(OWN_TOOLS, name);

/** Must a person approve each call of it, whatever the owner has set? */
export const alwaysNeedsApproval = (name: OwnToolName): boolean => OWN_TOOLS[name].needsApproval;

const setting = (name: string): string => process.env[name]?.trim() ?? "";

/** The names in a setting, separated by commas. `all` and `none` stand for what they say. Null where nothing is set. */
function toolNames(settingName: string): OwnToolName[] | null {
  const text = setting(settingName);
  if (text === "") return null;
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "none");
  if (names.includes("all")) return OWN_TOOL_NAMES;
  const unknown = names.filter((name) => !isOwnTool(name));
  if (unknown.length > 0) {
    console.warn(
      `[SETTINGS] ${settingName} names no tool with ${unknown.join(", ")}. Tools: ${OWN_TOOL_NAMES.join(", ")}`,
    );
  }
  return OWN_TOOL_NAMES.filter((tool) => names.includes(tool));
}

/** The tools that everybody may choose, by `VERBATIM_TOOLS`: names separated by commas, `all` or `none`. Null where it is not set. */
export const toolsOfEnvironment = (): OwnToolName[] | null => toolNames("VERBATIM_TOOLS");

/** Those whose calls a person must approve one by one, by `VERBATIM_TOOLS_APPROVAL`. Null where it is not set. */
export const approvalsOfEnvironment = (): OwnToolName[] | null => toolNames("VERBATIM_TOOLS_APPROVAL");

/** Can this tool work? Web search needs an engine, without which it is offered to nobody. */
export const isUsable = (name: OwnToolName): boolean => name !== "webSearch" || searchEngine() !== null;

/** Who searches the web. */
export type SearchEngine =
  { kind: "searxng"; url: string } | { kind: "brave"; key: string } | { kind: "tavily"; key: string };

/** The first that is set of `VERBATIM_SEARXNG_URL`, `VERBATIM_BRAVE_KEY` and `VERBATIM_TAVILY_KEY`. */
export function searchEngine(): SearchEngine | null {
  const url = setting("VERBATIM_SEARXNG_URL");
  if (url !== "") return { kind: "searxng", url };
  const braveKey = setting("VERBATIM_BRAVE_KEY");
  if (braveKey !== "") return { kind: "brave", key: braveKey };
  const tavilyKey = setting("VERBATIM_TAVILY_KEY");
  return tavilyKey === "" ? null : { kind: "tavily", key: tavilyKey };
}
