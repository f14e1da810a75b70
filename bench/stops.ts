/** From the click on Stop to the final state at another tab, and to the end of the provider's connection. */
import { AnswerWatcher } from "../tests/helpers/answerWatcher.ts";
import { ChatClient } from "../tests/helpers/chatClient.ts";
import { startOpenaiServer } from "../tests/helpers/openaiServer.ts";
import { fallSilentAfter, replySlowly } from "../tests/helpers/providerBehaviours.ts";
import { appEnvironment } from "./lib/appEnvironment.ts";
import { withBackend } from "./lib/backend.ts";
import { answerText } from "./lib/provider.ts";
import { percentile } from "./lib/statistics.ts";
import { formatMs, formatTable } from "./lib/table.ts";

type Situation = {
  name: string;
  behaviour: Parameters<Awaited<ReturnType<typeof startOpenaiServer>>["behave"]>[0];
};

const SITUATIONS: Situation[] = [
  { name: "while text streams", behaviour: replySlowly(answerText(40_000), 20) },
  { name: "while the provider is silent", behaviour: fallSilentAfter("So far") },
];

export async function benchStops(count: number): Promise<string> {
  const provider = await startOpenaiServer();
  const rows = await withBackend("convex", appEnvironment(provider.url), async ({ url }) => {
    const rows: string[][] = [];
    const person = await ChatClient.open(url);
    const other = await ChatClient.open(url, { token: person.token });
    for (const { name, behaviour } of SITUATIONS) {
      provider.behave(behaviour);
      const toTab: number[] = [];
      const toProvider: number[] = [];
      for (let round = 0; round < count; round++) {
        const receipt = await person.send(`Round ${round}`);
        const watcher = AnswerWatcher.of(other, receipt);
        await watcher.untilText((text) => text.length > 0);
        const exchange = provider.exchanges.at(-1)!;
        const clicked = performance.now();
        await Promise.all([
          person.stop(receipt.taskId),
          watcher.untilEnded().then(() => toTab.push(performance.now() - clicked)),
          exchange.closed.then(() => toProvider.push(performance.now() - clicked)),
        ]);
        watcher.close();
      }
      rows.push([
        name,
        ...[toTab, toProvider].flatMap((ms) => [
          formatMs(percentile(ms, 0.5)),
          formatMs(percentile(ms, 0.95)),
        ]),
      ]);
    }
    await Promise.all([person.close(), other.close()]);
    return rows;
  });
  await provider.close();
  return formatTable(
    `Stop, ${count} times each`,
    [
      "situation",
      "to the final state at another tab p50",
      "p95",
      "to the provider's connection closed p50",
      "p95",
    ],
    rows,
  );
}
