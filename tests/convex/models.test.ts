/** [G16] Only models that the server offers are asked: a name goes out under the owner's key. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  lastMessage,
  newChat,
  newClientId,
  newViewer,
  send,
  sendStarted,
  stored,
} from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  vi.stubEnv("OPENAI_BASE_URL", "http://model.test/v1");
  vi.stubEnv("OPENAI_API_KEY", "");
  vi.stubEnv("OPENAI_MODEL", "house");
  vi.stubEnv("VERBATIM_MODELS", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** The server lists these; null: it cannot be reached. */
function serve(ids: string[] | null) {
  vi.stubGlobal("fetch", () =>
    ids === null
      ? Promise.reject(new TypeError("fetch failed"))
      : Promise.resolve(Response.json({ object: "list", data: ids.map((id) => ({ id, object: "model" })) })),
  );
}

/** A chat on a server whose list a page has read. */
async function connected(ids: string[] | null) {
  serve(ids);
  const { t, viewer } = await newChat();
  await viewer.action(api.models.list, {});
  return { t, viewer };
}

describe("[G16] a model that a caller names", () => {
  test("is taken when the server lists it, and when it is the default", async () => {
    const { viewer } = await connected(["small", "large"]);
    for (const model of ["small", "large", "house"])
      expect(await send(viewer, "Go", { model })).toMatchObject({ status: "started" });
  });

  test("is refused when the server does not list it, wherever it is named; nothing is written", async () => {
    const { t, viewer } = await connected(["small"]);
    const { taskId, assistantMessageId } = await sendStarted(viewer, "Go", { model: "small" });
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const model = "expensive";
    await expectFailure(send(viewer, "Go", { model }), "MODEL_NOT_OFFERED");
    await expectFailure(viewer.mutation(api.tasks.setModel, { taskId, model }), "MODEL_NOT_OFFERED");
    await expectFailure(
      viewer.mutation(api.messages.regenerate, {
        messageId: assistantMessageId,
        clientMessageId: newClientId(),
        model,
      }),
      "MODEL_NOT_OFFERED",
    );
    expect((await stored(t, taskId)).model).toBe("small");
    expect(await t.run((ctx) => ctx.db.query("tasks").collect())).toHaveLength(1);
  });

  test("is refused while the list was never read; the default and what VERBATIM_MODELS names are not", async () => {
    vi.stubEnv("VERBATIM_MODELS", "own, other");
    const { viewer } = await connected(null);
    await expectFailure(send(viewer, "Go", { model: "small" }), "MODEL_NOT_OFFERED");
    for (const model of ["house", "own", "other"])
      expect(await send(viewer, "Go", { model })).toMatchObject({ status: "started" });
  });

  test("a list that could be read once holds while the server is away", async () => {
    const { viewer } = await connected(["small"]);
    serve(null);
    await viewer.action(api.models.list, {});
    expect(await send(viewer, "Go", { model: "small" })).toMatchObject({ status: "started" });
  });

  test("another server's list does not count", async () => {
    const { t } = await connected(["small"]);
    const row = await t.run((ctx) => ctx.db.query("offeredModels").unique());
    await t.run((ctx) => ctx.db.patch(row?._id ?? ("" as never), { server: "http://other.test/v1" }));
    await expectFailure(send(await newViewer(t), "Go", { model: "small" }), "MODEL_NOT_OFFERED");
  });

  test("goes to nobody while only the demo is there, and is not refused", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "");
    const { viewer } = await newChat();
    expect(await send(viewer, "Go", { model: "anything" })).toMatchObject({ status: "started" });
  });
});

test("a chat whose model is gone is answered by the default, as its page shows", async () => {
  const { viewer } = await connected(["small", "large"]);
  const { taskId } = await sendStarted(viewer, "Go", { model: "small" });
  await viewer.mutation(api.streaming.stopTask, { taskId });
  serve(["large"]);
  await viewer.action(api.models.list, {});
  await send(viewer, "Again", { taskId });
  expect((await lastMessage(viewer, taskId)).model).toBeNull();
});

test("the owner's own names can be chosen too", async () => {
  vi.stubEnv("VERBATIM_MODELS", "own,small");
  serve(["small"]);
  const { viewer } = await newChat();
  const { models } = await viewer.action(api.models.list, {});
  expect(models.map(({ id }) => id)).toEqual(["house", "small", "own"]);
});

test("[G16] one person cannot have the server asked for its models without end", async () => {
  const { viewer } = await connected(["small"]);
  for (let i = 0; i < 29; i++) await viewer.action(api.models.list, {});
  await expectFailure(viewer.action(api.models.list, {}), "RATE_LIMITED");
});
