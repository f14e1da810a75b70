import type { z } from "zod";
import type { OwnToolName } from "../model/tools/toolSettings";

/** What the tools reach the world by; each run of a generator hands its own in. */
export type ToolServices = {
  /** Searches the chats of the run's own person. */
  searchChats(text: string): Promise<FoundChats>;
  /** Reads a page of the public web as text. Rejects with an Error whose words a model can act on. */
  readPage(url: string, signal: AbortSignal): Promise<ReadPage>;
  /** Makes pages sources of the answer. Returns the number by which its text names each; null for one too many. */
  cite(pages: readonly { url: string; title: string }[]): (number | null)[];
};

export type FoundChats = {
  tasks: { title: string; lastActivityAt: number }[];
  messages: { taskTitle: string; snippet: string }[];
};

export type ReadPage = {
  /** Where the redirects ended. */
  url: string;
  title: string;
  text: string;
  /** The page had more text than is kept. */
  isCut: boolean;
};

/** A tool of Verbatim's own. Each is in a file of its name. */
export type OwnTool = {
  name: OwnToolName;
  /** For the model. */
  description: string;
  inputSchema: z.ZodType;
  /** Milliseconds that a call may take. */
  limitMs: number;
  /** `signal` is aborted when the call is cancelled or out of time. Rejects with an Error that is told to the model. */
  execute(input: unknown, services: ToolServices, signal: AbortSignal): Promise<unknown>;
};

/** The definition of a tool, with its input typed by its schema. */
export function ownTool<Schema extends z.ZodType>(definition: {
  name: OwnToolName;
  description: string;
  inputSchema: Schema;
  limitMs: number;
  execute(input: z.infer<Schema>, services: ToolServices, signal: AbortSignal): unknown;
}): OwnTool {
  return {
    ...definition,
    execute: async (input, services, signal) =>
      definition.execute(definition.inputSchema.parse(input), services, signal),
  };
}
