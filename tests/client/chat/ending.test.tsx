import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { failure } from "../../../convex/shared/errors";
import { ChatContext } from "../../../src/chat/ChatContext.ts";
import { Ending } from "../../../src/chat/Ending.tsx";
import type { Message } from "../../../src/chat/types.ts";
import { Toasts } from "../../../src/ui/Toasts.tsx";
import { newChatContext } from "../support/chat.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { answer } from "../support/messages.ts";

let server: FakeConvex;
beforeEach(() => {
  server = new FakeConvex();
});
afterEach(cleanup);

function show(message: Partial<Message>, { last = true, generating = false, hasContent = true } = {}) {
  const chat = newChatContext({ generating });
  render(
    <server.Page>
      <ChatContext value={chat}>
        <Ending message={answer(1, 0, message)} last={last} hasContent={hasContent} />
        <Toasts />
      </ChatContext>
    </server.Page>,
  );
}
const offers = () => screen.queryAllByRole("button").map((button) => button.textContent);

describe("[G12] how an answer ended", () => {
  test("the provider's own words are told with its failure, and not with a stop", () => {
    show({ endReason: "providerError", errorMessage: "The server is overloaded" });
    expect(screen.getByRole("note").textContent).toContain("The server is overloaded");
    cleanup();
    show({ endReason: "stopped", errorMessage: "aborted" });
    expect(screen.getByRole("note").textContent).not.toContain("aborted");
  });

  test("help is offered under the last answer only, and while nothing else is written", () => {
    show({ endReason: "crashed" });
    expect(offers()).toEqual(["Continue", "Retry"]);
    cleanup();
    show({ endReason: "crashed" }, { last: false });
    expect(offers()).toEqual([]);
    cleanup();
    show({ endReason: "crashed" }, { generating: true });
    expect(offers()).toEqual([]);
    cleanup();
    show({ endReason: "finished" });
    expect(screen.queryByRole("note")).toBeNull();
  });

  test("[G1] Continue pressed again after a lost response is the same request; after a refusal it is another", async () => {
    show({ endReason: "stopped" });
    const press = () => fireEvent.click(screen.getByRole("button", { name: "Continue" }));
    const ids = () => server.callsOf(api.messages.continueAnswer).map(({ args }) => args.clientMessageId);
    press();
    server.callsOf(api.messages.continueAnswer)[0]?.refuse(new Error("network"));
    fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
    press();
    expect(ids()).toHaveLength(3);
    expect(new Set(ids()).size).toBe(1);
    server.callsOf(api.messages.continueAnswer)[1]?.refuse(failure("NOT_CONTINUABLE", "no"));
    await screen.findByText("This reply cannot be continued.");
    press();
    expect(ids()).toHaveLength(4);
    expect(new Set(ids()).size).toBe(2);
  });
});
