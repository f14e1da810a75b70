import { api } from "../../convex/_generated/api.js";
import { AnswerWatcher } from "../../tests/helpers/answerWatcher.ts";
import { ChatClient } from "../../tests/helpers/chatClient.ts";
import { EMBEDDED_DEFAULTS } from "../../scripts/settings.ts";
import type { Implementation } from "./implementation.ts";

/** Viewers are tabs of one person; each watches what the page watches of a live answer. */
export const verbatim: Implementation = {
  name: "Verbatim",
  functions: "convex",
  env: EMBEDDED_DEFAULTS,
  async ask(url) {
    const person = await ChatClient.open(url);
    const receipt = await person.sendOnly("Please write.");
    return {
      async view(webSocketConstructor, seen) {
        const tab = await ChatClient.open(url, { token: person.token, webSocketConstructor });
        const watcher = AnswerWatcher.of(tab, receipt, (text) => seen(text.length));
        await watcher.untilText(() => true);
        return {
          close: () => {
            watcher.close();
            return tab.close();
          },
        };
      },
      async generate() {
        await person.convex.action(api.generate.start, { runId: receipt.runId! });
      },
      close: () => person.close(),
    };
  },
};

/** With the distances between flushes that are kept where calls cost money. */
export const verbatimOnConvex: Implementation = {
  ...verbatim,
  name: "Verbatim, distances as on Convex",
  env: {},
};
