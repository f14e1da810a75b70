import "../support/browser.ts";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import { ChatContext } from "../../../src/chat/ChatContext.ts";
import { EditPrompt } from "../../../src/chat/EditPrompt.tsx";
import { newChatContext } from "../support/chat.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { prompt, TASK } from "../support/messages.ts";

let server: FakeConvex;
const onDone = vi.fn();
const onSent = vi.fn();
beforeEach(() => {
  localStorage.clear();
  vi.clearAllMocks();
  server = new FakeConvex();
});
afterEach(cleanup);

function show(sequence: number, generating = false) {
  const chat = newChatContext({ generating, onSent });
  render(
    <server.Page>
      <ChatContext value={chat}>
        <EditPrompt files={[]} message={prompt(sequence)} content="As it was" onDone={onDone} />
      </ChatContext>
    </server.Page>,
  );
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Edit your message" });
}
const edits = () => server.callsOf(api.messages.edit);
const settle = (index: number, how: "answer" | "refuse", value: unknown) =>
  act(async () => {
    edits()[index]?.[how](value);
    await Promise.resolve();
  });

describe("editing a prompt in place", () => {
  test("begins with its words and the focus; Escape leaves everything as it was", () => {
    const field = show(1);
    expect([field.value, document.activeElement]).toEqual(["As it was", field]);
    fireEvent.change(field, { target: { value: "Other words" } });
    fireEvent.keyDown(field, { key: "Escape" });
    expect(onDone).toHaveBeenCalledOnce();
    expect(edits()).toEqual([]);
    cleanup();
    expect(show(1).value).toBe("As it was");
  });

  test("[G13] what is typed survives a reload of the page", () => {
    fireEvent.change(show(2), { target: { value: "Half a thou" } });
    cleanup();
    expect(show(2).value).toBe("Half a thou");
  });

  test("[G1] a failed send keeps the words, and the next one is the same request", async () => {
    const field = show(3);
    fireEvent.change(field, { target: { value: "Better" } });
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    expect(edits()).toHaveLength(0);
    fireEvent.keyDown(field, { key: "Enter" });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(edits()).toHaveLength(1);
    await settle(0, "refuse", new Error("network"));
    expect(field.value).toBe("Better");
    fireEvent.click(screen.getByRole("button", { name: "Send" }));
    const [first, second] = edits().map(({ args }) => args);
    expect(second).toMatchObject({ content: "Better", clientMessageId: first?.clientMessageId });
    await settle(1, "answer", { runId: "edited", taskId: TASK });
    expect(onSent).toHaveBeenCalledWith(first?.clientMessageId);
    expect(onDone).toHaveBeenCalledOnce();
  });

  test("while a reply is written it says that it stops that one first; nothing to say cannot be sent", () => {
    const field = show(4, true);
    fireEvent.click(screen.getByRole("button", { name: "Stop and send" }));
    expect(edits()[0]?.args.whenBusy).toBe("interrupt");
    cleanup();
    const other = show(5);
    expect(other).not.toBe(field);
    fireEvent.change(other, { target: { value: "  " } });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send" }).disabled).toBe(true);
  });
});
