import { ConvexError } from "convex/values";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Id } from "../../../convex/_generated/dataModel";
import { reportFailure } from "../../../src/app/failures.ts";
import {
  saveSoon,
  typeInstructions,
  unsavedInstructions,
  type SaveInstructions,
} from "../../../src/settings/instructions.ts";

vi.mock("../../../src/app/failures.ts", () => ({ reportFailure: vi.fn() }));

/** Longer than the pause after which typed text is saved. */
const SAVED_BY_THEN_MS = 2_000;

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.mocked(reportFailure).mockClear();
});

const stored = (key: string): unknown => {
  const value = JSON.parse(localStorage.getItem(`verbatim:instructions:${key}`) ?? "null") as unknown;
  return typeof value === "object" && value !== null && "text" in value ? value.text : value;
};
const chat = (id: string) => id as Id<"tasks">;

/** As the field does at each key press. */
function type(taskId: Id<"tasks"> | null, text: string, save: SaveInstructions) {
  typeInstructions(taskId, text);
  saveSoon(taskId, save);
}

test("each key press is kept in this browser; after a pause the last text is saved once, and then the server has it", async () => {
  const save = vi.fn<SaveInstructions>().mockResolvedValue(null);
  for (const text of ["B", "Be", "Be brief."]) type(null, text, save);
  expect(stored("all")).toBe("Be brief.");
  expect(save).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(save.mock.calls).toEqual([[{ taskId: null, text: "Be brief." }]]);
  expect([unsavedInstructions(null).get(), stored("all")]).toEqual([null, null]);
});

test("what is typed while a save is under way is saved after it", async () => {
  let finish = (): void => undefined;
  const save = vi.fn<SaveInstructions>().mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        finish = () => resolve(null);
      }),
  );
  save.mockResolvedValue(null);
  type(chat("a"), "One", save);
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  type(chat("a"), "One, two", save);
  finish();
  await vi.advanceTimersByTimeAsync(0);
  expect(stored("a")).toBe("One, two");
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(save.mock.calls.map(([{ text }]) => text)).toEqual(["One", "One, two"]);
  expect(stored("a")).toBeNull();
});

test("two chats' texts do not wait for each other", async () => {
  const save = vi.fn<SaveInstructions>().mockResolvedValue(null);
  type(chat("b"), "B", save);
  type(chat("c"), "C", save);
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(save.mock.calls.map(([args]) => args)).toEqual([
    { taskId: "b", text: "B" },
    { taskId: "c", text: "C" },
  ]);
});

test("a save that failed leaves the text here; that of a chat that is gone is given up", async () => {
  const save = vi.fn<SaveInstructions>().mockRejectedValueOnce(new Error("no"));
  type(chat("d"), "Kept", save);
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(stored("d")).toBe("Kept");
  expect(reportFailure).toHaveBeenCalledOnce();
  save.mockRejectedValueOnce(new ConvexError({ code: "NOT_FOUND", message: "This chat does not exist." }));
  type(chat("d"), "Kept?", save);
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(stored("d")).toBeNull();
});

/** Another tab's change, which this tab hears of only now. */
function otherTab(id: string, before: unknown, after: unknown) {
  const key = `verbatim:instructions:${id}`;
  if (after === null) localStorage.removeItem(key);
  else localStorage.setItem(key, JSON.stringify(after));
  const oldValue = before === null ? null : JSON.stringify(before);
  window.dispatchEvent(new StorageEvent("storage", { key, oldValue }));
}

test("another tab's key presses and its save are followed", () => {
  const store = unsavedInstructions(chat("f"));
  const theirs = { text: "Typed there", updatedAt: 1 };
  otherTab("f", null, theirs);
  expect(store.get()).toEqual(theirs);
  otherTab("f", theirs, null);
  expect(store.get()).toBeNull();
});

test("what was typed here before this tab hears what the other one typed or saved stays, and is saved", async () => {
  const save = vi.fn<SaveInstructions>().mockResolvedValue(null);
  const theirs = { text: "Be", updatedAt: 1 };
  otherTab("i", null, theirs);
  type(chat("i"), "Be brief.", save);
  otherTab("i", theirs, null);
  expect(stored("i")).toBe("Be brief.");
  otherTab("i", null, { text: "Typed before", updatedAt: 2 });
  expect(stored("i")).toBe("Be brief.");
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(save.mock.calls).toEqual([[{ taskId: "i", text: "Be brief." }]]);
});

test("a text that is too long is kept, and not sent", async () => {
  const save = vi.fn<SaveInstructions>().mockResolvedValue(null);
  type(chat("e"), "x".repeat(4_001), save);
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(save).not.toHaveBeenCalled();
  expect(stored("e")).toHaveLength(4_001);
});

test("[G13] what was typed just before the page was closed is saved when one is opened; its failures are not told", async () => {
  localStorage.setItem("verbatim:instructions:all", JSON.stringify("Be brief."));
  localStorage.setItem("verbatim:instructions:g", JSON.stringify("Of a chat that is gone"));
  localStorage.setItem("verbatim:instructions:h", JSON.stringify("Not this time"));
  const gone = new ConvexError({ code: "NOT_FOUND", message: "This chat does not exist." });
  const save = vi.fn<SaveInstructions>(async ({ taskId }) => {
    if (taskId === "g") throw gone;
    if (taskId === "h") throw new Error("no");
    return Promise.resolve(null);
  });
  vi.resetModules();
  const opened = await import("../../../src/settings/instructions.ts");
  const failures = await import("../../../src/app/failures.ts");
  opened.saveLeft(save);
  await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
  expect(save.mock.calls.map(([args]) => args)).toEqual([
    { taskId: null, text: "Be brief." },
    { taskId: "g", text: "Of a chat that is gone" },
    { taskId: "h", text: "Not this time" },
  ]);
  expect([stored("all"), stored("g"), stored("h")]).toEqual([null, null, "Not this time"]);
  expect(failures.reportFailure).not.toHaveBeenCalled();
});
