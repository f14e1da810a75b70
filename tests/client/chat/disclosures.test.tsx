import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { ChatContext, type ChatContextValue } from "../../../src/chat/ChatContext.ts";
import { ReasoningPart } from "../../../src/chat/ReasoningPart.tsx";
import { newChatContext } from "../support/chat.ts";

afterEach(cleanup);

/** Puts a reply's reasoning up, as when its turn comes near the view. */
const putUp = (chat: ChatContextValue, name = "answer:0") =>
  render(
    <ChatContext value={chat}>
      <ReasoningPart
        part={{ type: "reasoning", position: 0, text: "First, the keys." }}
        growing={false}
        name={name}
      />
    </ChatContext>,
  );

const foldOf = ({ container }: ReturnType<typeof putUp>) => container.querySelector("details");

/** What a press on the summary does: jsdom opens and closes nothing by itself. */
function toggle(fold: HTMLDetailsElement | null, open: boolean) {
  if (fold === null) throw new Error("There is no fold");
  fold.open = open;
  fireEvent(fold, new Event("toggle"));
}

test("opened, taken down far from the view, put up again → open; closed again → closed", () => {
  const chat = newChatContext();
  const first = putUp(chat);
  expect(foldOf(first)?.open).toBe(false);
  toggle(foldOf(first), true);
  expect(foldOf(first)?.textContent).toContain("First, the keys.");
  first.unmount();

  const second = putUp(chat);
  expect(foldOf(second)?.open).toBe(true);
  expect(foldOf(second)?.textContent).toContain("First, the keys.");
  toggle(foldOf(second), false);
  second.unmount();
  expect(foldOf(putUp(chat))?.open).toBe(false);
});

test("only what was opened is open: another reply's, and another view's, is not", () => {
  const chat = newChatContext();
  toggle(foldOf(putUp(chat)), true);
  expect(foldOf(putUp(chat, "other:0"))?.open).toBe(false);
  expect(foldOf(putUp(newChatContext()))?.open).toBe(false);
});
