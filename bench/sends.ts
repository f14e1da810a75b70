/** What a send costs in a chat of a few messages and in one of very many. */
import type { Id } from "../convex/_generated/dataModel.js";
import { ChatClient } from "../tests/helpers/chatClient.ts";
import { startOpenaiServer } from "../tests/helpers/openaiServer.ts";
import { reply } from "../tests/helpers/providerBehaviours.ts";
import { appEnvironment } from "./lib/appEnvironment.ts";
import { withBackend } from "./lib/backend.ts";
import { percentile } from "./lib/statistics.ts";
import { formatKb, formatMs, formatRatio, formatTable } from "./lib/table.ts";

const ROUNDS = 30;

type Cost = { ms: number; bytesRead: number; bytesWritten: number };

/** `sizes` in messages, smallest first. */
export async function benchSends(sizes: readonly number[]): Promise<string> {
  const provider = await startOpenaiServer();
  provider.behave(reply("Yes."));
  const costs = await withBackend("convex", appEnvironment(provider.url), async (backend) => {
    const person = await ChatClient.open(backend.url);
    const costs: Cost[] = [];
    for (const size of sizes) {
      let taskId: Id<"tasks"> | undefined;
      const exchange = async (): Promise<number> => {
        const begun = performance.now();
        const receipt = await person.send("Is it so?", taskId && { taskId });
        const ms = performance.now() - begun;
        taskId = receipt.taskId;
        await person.untilEnded(receipt);
        return ms;
      };
      // Stopped before they begin, which is the quickest way to many messages.
      for (let messages = 0; messages < size; messages += 2) {
        ({ taskId } = await person.sendOnly("Is it so?", taskId && { taskId }));
        await person.stop(taskId);
      }
      const before = (await backend.metrics()).metrics;
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await exchange());
      const after = (await backend.metrics()).metrics;
      costs.push({
        ms: percentile(times, 0.5),
        bytesRead: (after.bytesRead - before.bytesRead) / ROUNDS,
        bytesWritten: (after.bytesWritten - before.bytesWritten) / ROUNDS,
      });
    }
    await person.close();
    return costs;
  });
  await provider.close();
  const [least] = costs;
  return formatTable(
    "Send in a chat of so many messages; bytes of the whole exchange",
    ["messages", "send acknowledged, median", "read", "written", "time of the smallest"],
    costs.map(({ ms, bytesRead, bytesWritten }, i) => [
      sizes[i]!.toLocaleString("en"),
      formatMs(ms),
      formatKb(bytesRead),
      formatKb(bytesWritten),
      formatRatio(ms, least!.ms),
    ]),
  );
}
