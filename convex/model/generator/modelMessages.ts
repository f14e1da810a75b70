import type { ModelMessage } from "ai";
import { textOf } from "../../shared/parts";
import type { RunInput } from "../runInput";

const SYSTEM_PROMPT = "You are a helpful assistant. Write Markdown where it helps the reader.";

/** What the model is told before the conversation: the owner's instructions for all chats, then those for this one. */
export function systemPrompt({ allChats, thisChat }: RunInput["instructions"]): string {
  const sections = [SYSTEM_PROMPT];
  if (allChats !== "") sections.push(`The user's instructions for all conversations:\n${allChats}`);
  if (thisChat !== "") sections.push(`The user's instructions for this conversation:\n${thisChat}`);
  return sections.join("\n\n");
}

/** Asks a model to go on. Chat APIs have no other way that all servers understand. */
export const CONTINUE_PROMPT =
  "Continue your last reply exactly where it stopped. Do not repeat any of it and do not comment on the interruption.";

/** The conversation as a model is shown it. */
export function modelMessages(input: Pick<RunInput, "history" | "answered">): ModelMessage[] {
  const messages: ModelMessage[] = input.history.map(({ role, text }) =>
    role === "USER" ? { role: "user", content: text } : { role: "assistant", content: text },
  );
  const answered = textOf(input.answered);
  if (answered !== "") {
    messages.push({ role: "assistant", content: answered }, { role: "user", content: CONTINUE_PROMPT });
  }
  return messages;
}
