import type { ChatSettings } from "../shared/chatSettings";
import { connect, type ConnectedModel } from "./connect";
import { demoModel } from "./demo";
import { defaultModel } from "./listModels";
import { modelOfId } from "./modelIds";
import type { Connected } from "./settings";
import type { Line } from "./wire/replyReader";

export type { ConnectedModel } from "./connect";

/** Connects the model with this stored id; null for the default. `line` hears of every byte that its server sends. */
export type Connect = (modelId: string | null, line?: Line) => Promise<ConnectedModel>;

const NOBODY: Line = { onBytes: () => undefined };

/**
 * The model with this id; null for the default among those that are `shown`. Of the providers that a person can use, in a chat with these settings.
 * Rejects with an Error that says what is missing.
 */
export async function connectModel(
  id: string | null,
  line: Line = NOBODY,
  { connected, settings, shown }: { connected: Connected; settings?: ChatSettings; shown?: string[] | null },
): Promise<ConnectedModel> {
  if (connected.providers.length === 0) return { model: demoModel() };
  const found = modelOfId(id ?? (await defaultModel(connected, shown)), connected.providers);
  if (found === null)
    throw new Error(`No connected provider has the model “${id ?? ""}”. Choose another one.`);
  return await connect({ ...found, ...settings }, line);
}
