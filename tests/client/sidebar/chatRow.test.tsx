import "../support/browser.ts";
import { act, cleanup, render, renderHook, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import { ChatRow } from "../../../src/sidebar/ChatRow.tsx";
import type { Chat } from "../../../src/sidebar/types.ts";
import { useWaitingChats } from "../../../src/sidebar/useWaitingChats.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { TASK } from "../support/messages.ts";

let server: FakeConvex;
beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeConvex();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const CHAT: Chat = {
  ...{ _id: TASK, _creationTime: 1, title: "Soup", status: "IDLE", model: null, lastActivityAt: 1 },
  ...{ pinned: false, archived: false, unread: false, queuePaused: false, settings: {}, tools: [] },
};

function link(
  chat: Partial<Chat>,
  { current = false, waiting = false, toApprove = false } = {},
): string | null {
  render(
    <server.Page>
      <ChatRow chat={{ ...CHAT, ...chat }} current={current} waiting={waiting} toApprove={toApprove} />
    </server.Page>,
  );
  const { textContent } = screen.getByRole("link");
  cleanup();
  return textContent;
}

describe("the mark of a chat", () => {
  test("[G15] a reply that waits for a place is not said to be generated", () => {
    expect(link({ status: "RUNNING" })).toBe("SoupGenerating");
    expect(link({ status: "RUNNING" }, { waiting: true })).toBe("SoupWaiting for a free place");
    // The list of those that wait may be a moment behind.
    expect(link({ status: "IDLE" }, { waiting: true })).toBe("Soup");
  });

  test("a reply that waits for approval says so, also when it was seen, and in the open chat", () => {
    for (const unread of [true, false]) {
      for (const current of [true, false]) {
        expect(link({ status: "RUNNING", unread }, { current, toApprove: true })).toBe(
          "SoupNeeds your approval",
        );
      }
    }
    // The list of those that wait may be a moment behind.
    expect(link({ status: "IDLE" }, { toApprove: true })).toBe("Soup");
  });

  test("a new reply is marked, unless its chat is open", () => {
    expect(link({ unread: true })).toBe("SoupNew reply");
    expect(link({ unread: true }, { current: true })).toBe("Soup");
  });
});

describe("[G15] which chats are shown as waiting", () => {
  const other = "other" as Chat["_id"];
  const give = (...chats: Chat["_id"][]): void => {
    act(() => server.give(api.generation.waiting, chats));
  };
  const pass = (ms: number): void => {
    act(() => void vi.advanceTimersByTime(ms));
  };

  test("those that have waited for two seconds, whatever others do meanwhile; none the moment it has a place", () => {
    server.give(api.generation.waiting, []);
    const { result } = renderHook(() => useWaitingChats(), { wrapper: server.Page });
    const shown = () => [...result.current];
    give(TASK);
    pass(1_000);
    give(TASK, other);
    pass(999);
    expect(shown()).toEqual([]);
    pass(1);
    expect(shown()).toEqual([TASK]);
    give(other);
    expect(shown()).toEqual([]);
    pass(1_000);
    expect(shown()).toEqual([other]);
    give();
    expect(shown()).toEqual([]);
  });

  test("a list that has just been opened shows at once those that wait already", () => {
    const { result } = renderHook(() => useWaitingChats(), { wrapper: server.Page });
    expect([...result.current]).toEqual([]);
    give(TASK);
    expect([...result.current]).toEqual([TASK]);
    give(TASK, other);
    expect([...result.current]).toEqual([TASK]);
  });
});
