/** [G11] The owner's audit list says what was changed in the words that the page has for it, and not in names of the code. */
import { cleanup, render, screen } from "@testing-library/react";
import type { FunctionReturnType } from "convex/server";
import { afterEach, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";
import { AuditSection } from "../../../src/owner/sections/AuditSection.tsx";
import { FakeConvex } from "../support/fakeConvex.tsx";

afterEach(cleanup);

type Event = FunctionReturnType<typeof api.audit.list>["page"][number];
type Limit = FunctionReturnType<typeof api.people.limits>[number];

const limit = (name: Limit["name"], unit: Limit["unit"]): Limit => ({
  ...{ name, unit, variable: "VERBATIM_X", value: 1, setBy: "default", range: null },
});

const userId = "u" as Id<"users">;

function show(parts: Partial<Event>) {
  const server = new FakeConvex();
  server.give(api.people.limits, [
    limit("storagePerPerson", "megabytes"),
    limit("sendsPerMinute", "perMinute"),
    limit("serverRequestsPerMinute", "perMinute"),
  ]);
  const _id = "e" as Event["_id"];
  const nothing = { detail: null, actor: null, subject: null, address: null };
  const event: Event = { _id, at: 0, kind: "signedIn", ...nothing, ...parts };
  server.give(api.audit.list, { page: [event], isDone: true, continueCursor: "" });
  render(
    <server.Page>
      <AuditSection />
    </server.Page>,
  );
}

test.each<[Event["kind"], string | null, string]>([
  ["limitChanged", "storagePerPerson=2048", "Changed a limit (Each person, Room for files: 2,048 MB)"],
  ["limitChanged", "sendsPerMinute=30", "Changed a limit (Each person, Requests: 30 a minute)"],
  [
    "limitChanged",
    "serverRequestsPerMinute=default",
    "Changed a limit (Everybody together, Requests: the default)",
  ],
  ["limitChanged", "ofAnEarlierVersion=3", "Changed a limit (ofAnEarlierVersion=3)"],
  [
    "doorChanged",
    "signUp=open guests=off",
    "Changed who may come in (Who may make an account: Anybody, Guests: Not let in)",
  ],
  ["modelsChanged", "guests", "Changed who sees which models (Guests)"],
  ["toolChanged", "readPage", "Changed who may use a tool (Read web pages)"],
  ["signedIn", "oidc", "Signed in (with single sign-on)"],
  ["chatsExported", "Markdown", "Downloaded their chats (Markdown)"],
  ["passwordChanged", null, "Changed their password"],
])("%s %s: %s", (kind, detail, words) => {
  show({ kind, detail });
  expect(screen.getByRole("listitem").querySelector("span")?.textContent).toBe(words);
});

test.each<[Partial<Event>, string]>([
  [
    { actor: { userId, name: "", isOwner: true }, address: "127.0.0.1" },
    "Owner of this machine · from 127.0.0.1",
  ],
  [{ actor: { userId, name: "", isOwner: false } }, "A guest"],
  [{ actor: { userId, name: "Ada", isOwner: false }, address: "0.0.0.0" }, "Ada · through a proxy"],
  [{ actor: null, kind: "signInFailed", address: "192.0.2.1" }, "Somebody unknown · from 192.0.2.1"],
])("who and from where: %o", (parts, words) => {
  show({ kind: "chatDeleted", ...parts });
  expect(screen.getByRole("listitem").querySelector("small")?.textContent).toBe(words);
});
