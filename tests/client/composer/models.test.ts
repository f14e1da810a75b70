import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import { loadModels, modelsStore } from "../../../src/composer/models.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a model server that is down when the page is opened: asked again until it is there, and then no more", async () => {
  const server = new FakeConvex();
  const asked = () => server.callsOf(api.models.list);
  loadModels(server.client);
  loadModels(server.client);
  expect(asked()).toHaveLength(1);
  asked()[0]?.answer({ models: [], defaultModel: null, connected: true, error: "fetch failed" });
  await vi.advanceTimersByTimeAsync(0);
  expect(modelsStore.get()?.error).toBe("fetch failed");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(asked()).toHaveLength(2);
  asked()[1]?.refuse(new Error("network"));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked()).toHaveLength(3);
  const models = [{ id: "a", name: "A" }];
  asked()[2]?.answer({ models, defaultModel: "a", connected: true, error: null });
  await vi.advanceTimersByTimeAsync(300_000);
  expect(modelsStore.get()).toMatchObject({ models, error: null });
  expect(asked()).toHaveLength(3);
});
