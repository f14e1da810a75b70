/** The process of a provider that answers everything with tokens that carry their time (`liveText.ts`), at an even pace. */
import { startOpenaiServer } from "../../tests/helpers/openaiServer.ts";
import { serveParent } from "../lib/childProcess.ts";
import { cpuSeconds } from "../lib/cpu.ts";
import { timedToken } from "../lib/liveText.ts";

export type Pace = { tokens: number; tokensPerSecond: number };

const server = await startOpenaiServer();

const requests = {
  url: () => server.url,
  pace: ({ tokens, tokensPerSecond }: Pace) => {
    server.behave(async (exchange) => {
      exchange.begin();
      const begun = performance.now();
      for (let index = 0; index < tokens; index++) {
        // Against the start, not the token before: delays must not add up.
        const due = begun + (index * 1000) / tokensPerSecond;
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
        if (!exchange.isOpen) return;
        exchange.text(timedToken());
      }
      exchange.finish();
    });
  },
  cpuSeconds,
};

export type ProviderRequests = typeof requests;

serveParent(requests);
