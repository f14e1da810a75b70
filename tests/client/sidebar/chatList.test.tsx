import "../support/browser.ts";
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { ChatList } from "../../../src/sidebar/ChatList.tsx";
import { KeptChats } from "../../../src/sidebar/keptChats.ts";
import type { Chat } from "../../../src/sidebar/types.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { TASK } from "../support/messages.ts";

afterEach(cleanup);

const CHAT: Chat = {
  ...{ _id: TASK, _creationTime: 1, title: "Soup", status: "IDLE", model: null, lastActivityAt: 1 },
  ...{ pinned: false, archived: false, unread: false, queuePaused: false, settings: {}, tools: [] },
};

const online = () => {
  const server = new FakeConvex();
  server.give(api.tasks.list, { page: [CHAT], isDone: true, continueCursor: "" });
  server.give(api.tasks.listPinned, []);
  return server;
};

function listed(server: FakeConvex, kept: Map<boolean, readonly Chat[]>, archived = false): string | null {
  const { container } = render(
    <server.Page>
      <KeptChats value={kept}>
        <ChatList archived={archived} />
      </KeptChats>
    </server.Page>,
  );
  const { textContent } = container;
  cleanup();
  return textContent;
}

test("offline, a drawer that is opened again shows the chats it had", () => {
  const kept = new Map<boolean, readonly Chat[]>();
  const offline = new FakeConvex();
  expect(listed(offline, kept)).toBe("Loading your chats…");
  expect(listed(online(), kept)).toContain("Soup");
  expect(listed(offline, kept)).toContain("Soup");
  // Archived ones are another list, and another session has none.
  expect(listed(offline, kept, true)).toBe("Loading your chats…");
  expect(listed(offline, new Map())).toBe("Loading your chats…");
});
