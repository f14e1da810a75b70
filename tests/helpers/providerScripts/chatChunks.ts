/** What servers with chat completions have in common. */
import { data, tokensOf } from "./providerScript.ts";

export const DONE = "data: [DONE]\n\n";

/** One server's chunks: `common` is in each of them. */
export function chunksOf(common: object) {
  const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) =>
    data({ ...common, choices: [{ index: 0, delta, finish_reason }], ...more });
  return {
    chunk,
    each: (text: string, delta: (words: string) => object) =>
      tokensOf(text)
        .map((words) => chunk(delta(words)))
        .join(""),
  };
}

export const usage = (more: object = {}) => ({
  usage: { prompt_tokens: 12, completion_tokens: 40, total_tokens: 52, ...more },
});

export const call = (name: string, input: object, id = "call_1") => ({
  tool_calls: [{ index: 0, id, type: "function", function: { name, arguments: JSON.stringify(input) } }],
});
