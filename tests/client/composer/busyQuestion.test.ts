import "../support/browser.ts";
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { WhenBusy } from "../../../src/composer/outbox.ts";
import { useBusyQuestion } from "../../../src/composer/useBusyQuestion.ts";

const HELLO = { clientMessageId: "one", text: "Hello" };
type State = Parameters<typeof useBusyQuestion>[0];
const WRITING: State = { generating: true, empty: false, draft: HELLO };
const IDLE: State = { ...WRITING, generating: false };

const send = vi.fn<(whenBusy: WhenBusy) => void>();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  send.mockClear();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function open(initialProps: State) {
  const { result, rerender } = renderHook((state: State) => useBusyQuestion(state, send), { initialProps });
  return {
    question: () => result.current,
    show: rerender,
    press: () => act(() => result.current.sendByKey()),
  };
}

type Opened = ReturnType<typeof open>;

describe("[G3] sending by key", () => {
  test("sends when no reply is being written", () => {
    const { press } = open(IDLE);
    press();
    expect(send.mock.calls).toEqual([["reject"]]);
  });

  test("asks while one is, and a second press queues", () => {
    const { question, press } = open(WRITING);
    press();
    expect(question().asks).toBe(true);
    expect(send).not.toHaveBeenCalled();
    press();
    expect(send.mock.calls).toEqual([["queue"]]);
    expect(question().asks).toBe(false);
  });

  test("just before the reply ends sends once it has ended, once", () => {
    const { question, show, press } = open(WRITING);
    press();
    vi.advanceTimersByTime(1_900);
    show(IDLE);
    expect(send.mock.calls).toEqual([["queue"]]);
    expect(question().asks).toBe(false);
    show(WRITING);
    show(IDLE);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test.each<{ when: string; meanwhile: (opened: Opened) => void; draft?: State["draft"] }>([
    { when: "a while ago", meanwhile: () => vi.advanceTimersByTime(2_000) },
    { when: "and then writing on", meanwhile: () => undefined, draft: { ...HELLO, text: "Hello you" } },
    {
      when: "and then opening another chat",
      meanwhile: () => undefined,
      draft: { ...HELLO, clientMessageId: "two" },
    },
    { when: "and then Escape", meanwhile: ({ question }) => act(() => question().dismiss()) },
  ])(
    "$when sends nothing by itself when the reply ends, and asks no more",
    ({ meanwhile, draft = HELLO }) => {
      const opened = open(WRITING);
      opened.press();
      meanwhile(opened);
      opened.show({ ...IDLE, draft });
      expect(send).not.toHaveBeenCalled();
      opened.show({ ...WRITING, draft });
      expect(opened.question().asks).toBe(false);
    },
  );
});
