/** [G15] One place and two people: whoever has no place waits, is told so, can stop, and gets a turn. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";

let app: App;
beforeAll(async () => {
  app = await App.start({ VERBATIM_LIVE_RUNS: "1" });
});
afterAll(() => app.close());

const WAITING = "Waiting for a free place";

test("[G15] without a place: said quietly, in every tab; Stop ends it; the next one gets its turn", async () => {
  const [first, second] = [await app.person(), await app.person()];
  const [busy, waits] = [await first.openTab(), await first.openTab()];
  const next = await second.openTab();
  await busy.toFront();
  const exchange = await busy.begin(app, "Slow one", "The first words");

  // Another chat of the same person.
  await waits.toFront();
  await waits.send("Stopped one");
  const note = waits.lastAnswer.getByRole("status").filter({ hasText: WAITING });
  await note.waitFor();
  expect(await waits.lastAnswer.locator("i").count()).toBe(0);
  expect(await waits.page.getByRole("alert").count()).toBe(0);
  const other = await first.openTab(await waits.chatPath());
  await other.lastAnswer.getByText(WAITING).waitFor();
  await waits.toFront();
  await waits.button("Stop").click();
  await waits.ending("You stopped this reply.").waitFor();
  expect(await note.count()).toBe(0);

  // Somebody else.
  await next.toFront();
  await next.send("Next one");
  await next.lastAnswer.getByText(WAITING).waitFor();
  await next.page.reload();
  await next.lastAnswer.getByText(WAITING).waitFor();
  expect(app.requestsFor("Next one")).toBe(0);

  exchange.text(" and the last.");
  exchange.finish();
  await next.waitForText("You said: Next one");
  await next.waitForEnd();
  expect(await next.page.getByText(WAITING).count()).toBe(0);
  expect([app.requestsFor("Next one"), app.requestsFor("Stopped one")]).toEqual([1, 0]);
  await first.close();
  await second.close();
});

test("[G15] a chat whose reply waits can be deleted, and a queued prompt's run waits like any other", async () => {
  const person = await app.person();
  const [busy, deleted] = [await person.openTab(), await person.openTab()];
  await busy.toFront();
  const exchange = await busy.begin(app, "Another slow one", "Words");
  await deleted.toFront();
  await deleted.send("Deleted one");
  await deleted.lastAnswer.getByText(WAITING).waitFor();
  await deleted.choose(deleted.button("Actions for “Deleted one”"), "Delete");
  await deleted.chat("Deleted one").waitFor({ state: "detached" });

  await busy.toFront();
  await busy.write("Queued one");
  await busy.button("Queue").click();
  await busy.page.getByRole("region", { name: "1 message queued" }).waitFor();
  exchange.finish();
  await busy.waitForText("You said: Queued one");
  await busy.waitForEnd();
  expect([app.requestsFor("Queued one"), app.requestsFor("Deleted one")]).toEqual([1, 0]);
  await person.close();
});
