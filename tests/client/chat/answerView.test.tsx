import "../support/browser.ts";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import { AnswerView } from "../../../src/chat/AnswerView.tsx";
import { ChatContext } from "../../../src/chat/ChatContext.ts";
import type { Message } from "../../../src/chat/types.ts";
import { modelsStore } from "../../../src/composer/models.ts";
import { newChatContext } from "../support/chat.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { answer, liveTail, text } from "../support/messages.ts";

let server: FakeConvex;
const chat = newChatContext();
const reply = (more: Partial<Message>) => answer(1, 0, more);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  server = new FakeConvex();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const page = (message: Message) => (
  <server.Page>
    <ChatContext value={chat}>
      <AnswerView message={message} last />
    </ChatContext>
  </server.Page>
);
const names = () =>
  screen.queryAllByRole("button").map((button) => button.getAttribute("aria-label") ?? button.textContent);
const pass = (ms: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });

describe("the end of a reply", () => {
  test("what can be done with it comes after its last word has been painted", async () => {
    const words = "Words that arrive all at once and are painted evenly. ".repeat(4);
    server.give(api.streamingResponses.getStreamingResponse, liveTail({ tail: [text("Words ")] }));
    const { rerender } = render(page(reply({ status: "streaming", omittedChunks: { from: 0, to: 0 } })));
    rerender(page(reply({ status: "complete", endReason: "finished", parts: [text(words)] })));
    expect(screen.getByRole("article").textContent).not.toContain(words.trim());
    expect(names()).toEqual([]);
    for (let painting = 0; painting < 40; painting++) await pass(100);
    expect(screen.getByRole("article").textContent).toContain(words.trim());
    expect(names()).toEqual(["Copy", "Try again", "Branch off into a new chat"]);
  });

  test("[G7] after Stop all that is stored is shown at once, and nothing goes on being written", () => {
    const words = "Words that had arrived and were not painted yet. ".repeat(4);
    server.give(api.streamingResponses.getStreamingResponse, liveTail({ tail: [text("Words ")] }));
    const { rerender } = render(page(reply({ status: "streaming", omittedChunks: { from: 0, to: 0 } })));
    rerender(page(reply({ status: "complete", endReason: "stopped", parts: [text(words)] })));
    expect(screen.getByRole("article").textContent).toContain(words.trim());
    expect(screen.getByRole("note").textContent).toContain("You stopped this reply.");
  });

  test("a reply that failed before its first word, where there are other models: one sign to try again, and its arrow", () => {
    const model = (id: string) => ({ id, name: id, provider: "one" });
    modelsStore.set({
      models: [model("alpha"), model("beta")],
      defaultModel: "alpha",
      providers: [],
      connected: true,
      error: null,
    });
    render(page(reply({ status: "failed", endReason: "providerError", errorMessage: "fetch failed" })));
    expect(names()).toEqual(["Retry", "Try again with…"]);
    expect(document.querySelectorAll(".lucide-rotate-ccw")).toHaveLength(1);
    modelsStore.set(null);
  });

  test("a reply that failed before its first word: one Retry, nothing to copy, and the words say that there is none", () => {
    render(page(reply({ status: "failed", endReason: "providerError", errorMessage: "fetch failed" })));
    expect(names()).toEqual(["Retry"]);
    expect(screen.getByRole("note").textContent).toContain("No reply:");
  });

  test("a reply that was stopped shows no raw markup, and can be copied", async () => {
    render(page(reply({ endReason: "stopped", parts: [text("This is **import")] })));
    await vi.dynamicImportSettled();
    await pass(0);
    expect(screen.getByRole("article").querySelector("strong")?.textContent).toBe("import");
    expect(screen.getByRole("article").textContent).not.toContain("**");
    expect(names()).toEqual(["Continue", "Copy", "Try again", "Branch off into a new chat"]);
  });
});

describe("[G15] a run that nobody generates yet", () => {
  test("is started by whoever sees it wait, and again when its turn has come, however often that is seen", () => {
    const live = (state: "waiting" | "called" | "streaming", more = {}) =>
      act(() =>
        server.give(
          api.streamingResponses.getStreamingResponse,
          liveTail({ runId: "waits", state, ...more }),
        ),
      );
    live("waiting");
    render(page(reply({ status: "pending" })));
    const starts = () => server.callsOf(api.generate.start).map(({ args }) => args.runId);
    expect(starts()).toEqual(["waits"]);
    live("waiting", { lastOutputAt: 1 });
    expect(starts()).toEqual(["waits"]);
    live("called");
    live("called", { lastOutputAt: 2 });
    expect(starts()).toEqual(["waits", "waits"]);
    live("streaming");
    expect(starts()).toEqual(["waits", "waits"]);
  });
});

describe("what a screen reader hears at the end of a reply", () => {
  test.each([
    ["finished", "The reply is complete"],
    ["stopped", "You stopped this reply."],
    ["crashed", "This reply was interrupted. What had arrived is kept."],
    ["lengthLimit", "This reply reached the model's length limit."],
  ] as const)("%s: “%s”", (endReason, words) => {
    server.give(api.streamingResponses.getStreamingResponse, liveTail({ tail: [text("Half")] }));
    const { rerender } = render(page(reply({ status: "streaming", omittedChunks: { from: 0, to: 0 } })));
    expect(screen.getByRole("status").textContent).toBe("");
    rerender(page(reply({ status: "complete", endReason, parts: [text("Half")] })));
    expect(screen.getAllByRole("status").map(({ textContent }) => textContent)).toContain(words);
  });
});
