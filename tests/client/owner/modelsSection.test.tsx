/** [G16] The owner's section of models: what each audience sees, as it is typed. */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { modelsStore } from "../../../src/composer/models.ts";
import { ModelsSection } from "../../../src/owner/sections/ModelsSection.tsx";
import { FakeConvex } from "../support/fakeConvex.tsx";

let server: FakeConvex;
beforeEach(() => {
  server = new FakeConvex();
  modelsStore.set({
    models: [
      { id: "anthropic::claude-opus-5", name: "Claude Opus 5", provider: "anthropic" },
      { id: "anthropic::claude-haiku-5-5", name: "Claude Haiku 5.5", provider: "anthropic" },
      { id: "gpt-5-mini", name: "gpt-5-mini", provider: "openai" },
    ],
    ...{ providers: [], defaultModel: null, connected: true, error: null },
  });
});
afterEach(() => {
  cleanup();
  modelsStore.set(null);
});

type Shows = { guests?: string[]; members?: string[]; fixed?: boolean };

function opened(role: "owner" | "admin", { guests, members, fixed = false }: Shows = {}) {
  server.give(api.accounts.me, { role, name: null, login: null, hasPassword: false, isConnected: false });
  server.give(api.modelAccess.settings, [
    { audience: "guests", show: guests ?? null, fixedBy: fixed ? "VERBATIM_MODELS_GUESTS" : null },
    { audience: "members", show: members ?? null, fixedBy: null },
    { audience: "admins", show: null, fixedBy: null },
  ]);
  render(
    <server.Page>
      <ModelsSection />
    </server.Page>,
  );
  return (name: string) => within(screen.getByRole("group", { name }));
}

test("names are counted against the models while they are typed, and saved only then", () => {
  const group = opened("owner");
  fireEvent.click(group("Guests").getByRole("radio", { name: "Only these" }));
  expect(group("Guests").getByRole("status").textContent).toBe("No model: they cannot send anything.");
  expect(server.callsOf(api.modelAccess.setFor)).toEqual([]);
  const names = group("Guests").getByRole("textbox", { name: "Models for Guests" });
  fireEvent.change(names, { target: { value: "claude-haiku*\n gpt-5-mini, gpt-5-mini\n" } });
  expect(group("Guests").getByRole("status").textContent).toBe("2 of 3 models: Claude Haiku 5.5, gpt-5-mini");
  fireEvent.click(group("Guests").getByRole("button", { name: "Save" }));
  expect(server.callsOf(api.modelAccess.setFor).map(({ args }) => args)).toEqual([
    { audience: "guests", show: ["claude-haiku*", "gpt-5-mini"] },
  ]);
});

test("back to all is saved at once; Cancel brings back what is set", () => {
  const group = opened("owner", { guests: ["gpt-*"], members: ["claude-*"] });
  const names = group("Guests").getByRole<HTMLTextAreaElement>("textbox");
  fireEvent.change(names, { target: { value: "x" } });
  fireEvent.click(group("Guests").getByRole("button", { name: "Cancel" }));
  expect(names.value).toBe("gpt-*");
  expect(group("Guests").queryByRole("button", { name: "Save" })).toBeNull();
  fireEvent.click(group("Members").getByRole("radio", { name: "All models" }));
  expect(server.callsOf(api.modelAccess.setFor).map(({ args }) => args)).toEqual([
    { audience: "members", show: null },
  ]);
});

test("what the environment sets is said, and cannot be changed; nor can an admin change anything", () => {
  const group = opened("owner", { guests: ["gpt-*"], fixed: true });
  group("Guests").getByText("Set by VERBATIM_MODELS_GUESTS where the server is started");
  expect(screen.getByRole<HTMLFieldSetElement>("group", { name: "Guests" }).disabled).toBe(true);
  expect(screen.getByRole<HTMLFieldSetElement>("group", { name: "Members" }).disabled).toBe(false);
  cleanup();
  server = new FakeConvex();
  opened("admin", { guests: ["gpt-*"] });
  for (const one of screen.getAllByRole<HTMLFieldSetElement>("group")) expect(one.disabled).toBe(true);
  screen.getByText(/Only the owner can change this\./);
});
