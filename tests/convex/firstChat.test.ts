import { describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api";
import { textOf } from "../../convex/shared/parts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { expectInvariants, lastMessage, newChat, sendStarted, shownText, stored } from "./support.ts";

useFakeTime();

describe("a first chat with the demo model", () => {
  test("waiting → claimed → ended: the introduction arrives word by word and is stored whole", async () => {
    const { t, viewer } = await newChat();
    const { taskId, assistantMessageId, runId } = await sendStarted(viewer, "Hello!");
    const generation = viewer.action(api.generate.start, { runId });
    const live = () =>
      viewer.query(api.streamingResponses.getStreamingResponse, { messageId: assistantMessageId });
    await until(async () => (await live())?.state === "streaming");
    let shown = "";
    for (let i = 0; i < 20; i++) {
      await pass(100);
      const now = await shownText(viewer, taskId, assistantMessageId);
      expect(now.startsWith(shown)).toBe(true);
      shown = now;
    }
    expect(shown).toContain("# Welcome to Verbatim");
    expect(shown.length).toBeLessThan(1_000);

    await whileTimePasses(generation);
    const answer = await lastMessage(viewer, taskId);
    expect(answer).toMatchObject({ status: "complete", endReason: "finished", finishReason: "stop" });
    expect(textOf(answer.parts).startsWith(shown)).toBe(true);
    expect(textOf(answer.parts)).toContain("OPENAI_BASE_URL");
    expect(await stored(t, taskId)).toMatchObject({ status: "IDLE", title: "Hello!" });
    await expectInvariants(t);
  });
});
