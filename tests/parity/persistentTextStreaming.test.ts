/** [E13] A published component runs unmodified: its tables are its own, its functions are reached through references. */
import type { Id } from "../../convex/_generated/dataModel";
import { afterEach, expect, test, vi } from "vitest";
import { components } from "../../convex/_generated/api";
import { newBackend } from "../helpers/backend.ts";

const { lib } = components.persistentTextStreaming;

afterEach(() => {
  vi.useRealTimers();
});

test("[E13] persistent-text-streaming: a stream grows, ends, and takes nothing more", async () => {
  const t = newBackend();
  const streamId = await t.mutation((ctx) => ctx.runMutation(lib.createStream, {}));
  const read = () => t.query((ctx) => ctx.runQuery(lib.getStreamText, { streamId }));
  const add = (text: string, final: boolean) =>
    t.mutation((ctx) => ctx.runMutation(lib.addChunk, { streamId, text, final }));
  expect(await read()).toEqual({ text: "", status: "pending" });
  await add("Hello, ", false);
  expect(await read()).toEqual({ text: "Hello, ", status: "streaming" });
  await add("world", true);
  expect(await read()).toEqual({ text: "Hello, world", status: "done" });
  await expect(add("!", false)).rejects.toThrow("Stream is not streaming");
  expect(await t.query((ctx) => ctx.runQuery(lib.getStreamStatus, { streamId }))).toBe("done");
});

test("[E13] persistent-text-streaming: it schedules functions of its own to clean up", async () => {
  vi.useFakeTimers();
  const t = newBackend();
  const streamId = await t.mutation((ctx) => ctx.runMutation(lib.createStream, {}));
  for (let i = 0; i < 150; i++) {
    await t.mutation((ctx) => ctx.runMutation(lib.addChunk, { streamId, text: "x", final: false }));
  }
  await t.mutation((ctx) => ctx.runMutation(lib.deleteStream, { streamId }));
  await t.finishAllScheduledFunctions(vi.runAllTimers);
  await expect(t.query((ctx) => ctx.runQuery(lib.getStreamText, { streamId }))).rejects.toThrow(
    "Stream not found",
  );
});

test("[E13] a component's documents are out of the app's reach, also for who knows an id", async () => {
  const t = newBackend();
  const streamId = (await t.mutation((ctx) => ctx.runMutation(lib.createStream, {}))) as Id<"tasks">;
  expect(await t.run((ctx) => ctx.db.get(streamId))).toBeNull();
});
