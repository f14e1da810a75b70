import type { ModelMessage } from "ai";
import { textOf } from "../../shared/parts";
import type { RunInput } from "../runInput";

export const SYSTEM_PROMPT = "You are a helpful assistant. Write Markdown where it helps the reader.";

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
