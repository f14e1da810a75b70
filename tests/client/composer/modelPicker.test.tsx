import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { closeOverlay, currentOverlay } from "../../../src/app/overlays.ts";
import { ModelPicker } from "../../../src/composer/ModelPicker.tsx";
import type { Models } from "../../../src/composer/models.ts";

afterEach(() => {
  cleanup();
  closeOverlay();
});

const show = (models: Models | null, current: string | null) =>
  render(<ModelPicker choice={{ models, current, forSend: null, choose: () => undefined }} />);

test("a model server that is down is said, and why; the picker does not vanish", () => {
  show({ models: [], defaultModel: null, connected: true, error: "fetch failed" }, null);
  const note = screen.getByRole("status");
  expect([note.textContent, note.title]).toEqual(["No models available", "fetch failed"]);
});

test("while there is only the demo, it says how a model is connected", () => {
  show(
    { models: [{ id: "demo", name: "Demo" }], defaultModel: "demo", connected: false, error: null },
    "demo",
  );
  fireEvent.click(screen.getByRole("button", { name: "Connect a model" }));
  expect(currentOverlay()).toBe("connect");
});

test("one model is named; of several one can choose", () => {
  const models = ["a", "b"].map((id) => ({ id, name: id.toUpperCase() }));
  show({ models: models.slice(0, 1), defaultModel: "a", connected: true, error: null }, "a");
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText("A")).toBeTruthy();
  cleanup();
  show({ models, defaultModel: "a", connected: true, error: null }, "b");
  expect(screen.getByRole("button", { name: "Model: B" })).toBeTruthy();
});
