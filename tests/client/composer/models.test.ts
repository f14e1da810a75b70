import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import { loadModels, modelsStore, reloadModels } from "../../../src/composer/models.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a model server that is down when the page is opened: asked again until it is there, and then when somebody looks at an old list", async () => {
  const server = new FakeConvex();
  const asked = () => server.callsOf(api.models.list);
  loadModels(server.client);
  loadModels(server.client);
  expect(asked()).toHaveLength(1);
  asked()[0]?.answer({
    models: [],
    defaultModel: null,
    connected: true,
    providers: [],
    error: "fetch failed",
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(modelsStore.get()?.error).toBe("fetch failed");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(asked()).toHaveLength(2);
  asked()[1]?.refuse(new Error("network"));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked()).toHaveLength(3);
  const models = [{ id: "a", name: "A", provider: "a" }];
  const down = [{ id: "b", name: "B", error: "fetch failed" }];
  asked()[2]?.answer({
    models,
    providers: down,
    defaultModel: "a",
    connected: true,
    error: "B: fetch failed",
  });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked(), "some are there: ever more seldom").toHaveLength(3);
  // Somebody opens the picker.
  reloadModels();
  reloadModels();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked()).toHaveLength(4);
  asked()[3]?.answer({ models, providers: [], defaultModel: "a", connected: true, error: null });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(modelsStore.get()).toMatchObject({ models, error: null });
  reloadModels();
  expect(asked()).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(asked(), "nobody looks").toHaveLength(4);
  reloadModels();
  reloadModels();
  expect(asked()).toHaveLength(5);
  asked()[4]?.answer({ models: [], providers: [], defaultModel: null, connected: true, error: null });
  await vi.advanceTimersByTimeAsync(0);
  expect(modelsStore.get()?.models).toEqual([]);
  reloadModels();
  expect(asked()).toHaveLength(5);
});
