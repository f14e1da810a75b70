import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { ConversationContext, type Conversation } from "../../../src/chat/ConversationContext.ts";
import { ReasoningPart } from "../../../src/chat/ReasoningPart.tsx";
import { newConversation } from "../support/conversation.ts";

afterEach(cleanup);

/** Puts a reply's reasoning up, as when its turn comes near the view. */
const putUp = (conversation: Conversation, name = "answer:0") =>
  render(
    <ConversationContext value={conversation}>
      <ReasoningPart text="First, the keys." growing={false} name={name} />
    </ConversationContext>,
  );

const foldOf = ({ container }: ReturnType<typeof putUp>) => container.querySelector("details");

/** What a press on the summary does: jsdom opens and closes nothing by itself. */
function toggle(fold: HTMLDetailsElement | null, open: boolean) {
  if (fold === null) throw new Error("There is no fold");
  fold.open = open;
  fireEvent(fold, new Event("toggle"));
}

test("opened, taken down far from the view, put up again → open; closed again → closed", () => {
  const conversation = newConversation();
  const first = putUp(conversation);
  expect(foldOf(first)?.open).toBe(false);
  toggle(foldOf(first), true);
  expect(foldOf(first)?.textContent).toContain("First, the keys.");
  first.unmount();

  const second = putUp(conversation);
  expect(foldOf(second)?.open).toBe(true);
  expect(foldOf(second)?.textContent).toContain("First, the keys.");
  toggle(foldOf(second), false);
  second.unmount();
  expect(foldOf(putUp(conversation))?.open).toBe(false);
});

test("only what was opened is open: another reply's, and another view's, is not", () => {
  const conversation = newConversation();
  toggle(foldOf(putUp(conversation)), true);
  expect(foldOf(putUp(conversation, "other:0"))?.open).toBe(false);
  expect(foldOf(putUp(newConversation()))?.open).toBe(false);
});
