/** Generators that outlive their lease, and clocks that jump, while a provider keeps talking. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import { fallSilentAfter, reply } from "../helpers/providerBehaviours.ts";
import { temporaryFolder } from "../helpers/server.ts";
import { Chat } from "./harness.ts";

const PAST_THE_LEASE_MS = 40_000;
const AN_HOUR_MS = 3_600_000;

let chat: Chat;
let clockFile: string;
let removeFolder: () => Promise<void>;

const jump = (ms: number): void => {
  writeFileSync(clockFile, String(ms));
};

beforeAll(async () => {
  const { folder, remove } = await temporaryFolder();
  removeFolder = remove;
  clockFile = path.join(folder, "clock");
  const clock = pathToFileURL(fileURLToPath(new URL("fixtures/movableClock.mjs", import.meta.url)));
  chat = await Chat.start({ NODE_OPTIONS: `--import ${clock.href}`, TEST_CLOCK_FILE: clockFile });
});
afterEach(async () => {
  jump(0);
  await chat.closeClients();
});
afterAll(async () => {
  await chat.close();
  await removeFolder();
});

/** A live answer of which some text was seen, and the provider's side of it. */
async function liveAnswer() {
  chat.provider.behaveOnce(fallSilentAfter("It was"));
  const asked = chat.provider.exchanges.length;
  const client = await chat.open();
  const receipt = await client.send("Tell me");
  const watcher = AnswerWatcher.of(client, receipt);
  await watcher.untilText((text) => text === "It was");
  return { client, receipt, watcher, exchange: chat.provider.exchanges[asked]! };
}

test("[G4, G6] a zombie run that writes after its lease changes nothing, and its request is aborted", async () => {
  const { client, receipt, watcher, exchange } = await liveAnswer();
  const { taskId } = receipt;
  jump(PAST_THE_LEASE_MS);
  // The look at the lease in `send` ends the silent run on the spot.
  chat.provider.behave(reply("Here is another"));
  const next = await client.send("Anybody there?", { taskId });
  exchange.text(" a dark and stormy night");
  expect(await exchange.closed).toBe("client");

  const zombie = await watcher.untilEnded();
  expect(zombie).toMatchObject({ endReason: "crashed" });
  expect(watcher.text).toBe("It was");
  const answer = await client.untilEnded(next);
  expect(answer).toMatchObject({ endReason: "finished", parts: [{ text: "Here is another" }] });
  expect((await client.messages(taskId)).map(({ role }) => role)).toEqual([
    "USER",
    "ASSISTANT",
    "USER",
    "ASSISTANT",
  ]);
});

test.each([
  ["forward past the lease", PAST_THE_LEASE_MS],
  ["back by an hour", -AN_HOUR_MS],
])("[G6, G9] the clock jumps %s in mid-answer: nothing lost, nothing stuck", async (_name, ms) => {
  const { client, receipt, watcher, exchange } = await liveAnswer();
  jump(ms);
  exchange.text(" a dark and stormy night");
  exchange.finish();
  const message = await watcher.untilEnded();
  expect(["finished", "crashed"]).toContain(message.endReason);
  expect(watcher.text).toMatch(/^It was( a dark and stormy night)?$/);
  if (message.endReason === "finished") expect(watcher.text).toBe("It was a dark and stormy night");
  expect(await client.convex.query(api.generation.isLocked, { taskId: receipt.taskId })).toBe(false);

  chat.provider.behave(reply("Yes."));
  const next = await client.untilEnded(await client.send("Still there?", { taskId: receipt.taskId }));
  expect(next.endReason).toBe("finished");
  jump(0);
  const last = await client.untilEnded(await client.send("And now?", { taskId: receipt.taskId }));
  expect(last.endReason).toBe("finished");
  const sequences = (await client.messages(receipt.taskId)).map(({ sequence }) => sequence);
  expect(sequences, "[G8] a time stamp never decides an order").toEqual(sequences.toSorted((a, b) => a - b));
});
