import "../support/browser.ts";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { ChatContext } from "../../../src/chat/ChatContext.ts";
import type { Message } from "../../../src/chat/types.ts";
import { Column } from "../../../src/compare/Column.tsx";
import { newChatContext } from "../support/chat.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { answer, text } from "../support/messages.ts";

afterEach(cleanup);

const SUM = {
  ...{ runs: 1, inputTokens: 800, outputTokens: 1_234, cachedTokens: 0, reasoningTokens: 0 },
  ...{ cost: 0.0123, estimated: 0, untold: 0, unpriced: 0 },
};

function stateOf(message: Partial<Message>, sum = SUM): string {
  const server = new FakeConvex();
  server.give(api.usage.ofAnswer, sum);
  const parts = [text("Words.")];
  render(
    <server.Page>
      <ChatContext value={newChatContext()}>
        <Column answer={answer(1, 0, { model: "alpha", parts, ...message })} />
      </ChatContext>
    </server.Page>,
  );
  const words = [...screen.getByRole("banner").querySelectorAll("p > span")].map(
    ({ textContent }) => textContent,
  );
  cleanup();
  return words.filter((word) => word !== "").join(" | ");
}

const ENDED = {
  ...{ endReason: "finished" as const, startedAt: 1_000, endedAt: 3_400 },
  usage: { inputTokens: 800, outputTokens: 1_234 },
};

test("each reply says how it went, how long it took, its tokens and what it cost", () => {
  expect(stateOf(ENDED)).toBe("Done | 2.4 s | 1,234 tokens | $0.012");
});

test("a cost that is not known, or not all of it, is not said", () => {
  expect(stateOf(ENDED, { ...SUM, unpriced: 1 })).toBe("Done | 2.4 s | 1,234 tokens");
  expect(stateOf(ENDED, { ...SUM, runs: 2, untold: 1 })).toBe("Done | 2.4 s | 1,234 tokens");
});

test("while it is being written it has no cost yet", () => {
  expect(stateOf({ status: "streaming", endReason: null })).toMatch(/^Writing/);
  expect(stateOf({ status: "streaming", endReason: null })).not.toContain("$");
});
