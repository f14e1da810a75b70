/** What models are given of a prompt's files: bytes, text, and notes of what is left out. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { textOf } from "../../convex/shared/parts";
import { attach } from "./files.ts";
import { FakeProvider, runGenerator, type ProviderRequest } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { lastMessage, newChat, newClientId, started } from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

type ContentPart = Record<string, unknown> & { type: string; text?: string };

async function chatWith(kind: "chat" | "responses" = "chat") {
  const provider = new FakeProvider(kind);
  const { t, viewer } = await newChat();
  let asked = 0;

  /** Sends with files; returns what the provider is asked, after `answer` has answered it. */
  async function ask(
    attachmentIds: Id<"attachments">[],
    options: { content?: string; taskId?: Id<"tasks">; answer?: (request: ProviderRequest) => void } = {},
  ) {
    const { content = "Look", taskId = null, answer = finish } = options;
    const call = { taskId, clientMessageId: newClientId(), content, attachmentIds };
    const sent = started(await viewer.mutation(api.messages.send, call));
    return { ...sent, request: await generate(sent.runId, answer) };
  }

  async function generate(runId: string, answer = finish): Promise<ProviderRequest> {
    const generation = runGenerator(t, runId);
    const request = await provider.request(asked++);
    answer(request);
    await whileTimePasses(generation);
    return request;
  }
  return { t, viewer, ask, generate };
}

function finish(request: ProviderRequest) {
  request.say({ type: "text", text: "Seen" }, { type: "finish", reason: "stop" });
  request.close();
}

/** The content of the n-th newest message of a person. */
function userContent({ body }: ProviderRequest, nthNewest = 0): ContentPart[] {
  const messages = (body.messages ?? body.input) as { role?: string; content: unknown }[];
  const content = messages.filter(({ role }) => role === "user").at(-1 - nthNewest)?.content;
  return typeof content === "string" ? [{ type: "text", text: content }] : (content as ContentPart[]);
}

const base64 = (text: string) => btoa(text);

describe("the model's message", () => {
  test("over chat completions: the words, an image and a PDF as their bytes, a text file as text with its name", async () => {
    const { t, viewer, ask } = await chatWith("chat");
    const { request } = await ask([
      await attach(t, viewer, { name: "cat.png", type: "image/png", content: "a cat" }),
      await attach(t, viewer, { name: "report.pdf", type: "application/pdf", content: "a report" }),
      await attach(t, viewer, { name: 'no"tes.md', type: "text/markdown", content: "# Notes\nfür dich" }),
    ]);
    expect(userContent(request)).toEqual([
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${base64("a cat")}` } },
      {
        type: "file",
        file: { filename: "report.pdf", file_data: `data:application/pdf;base64,${base64("a report")}` },
      },
      { type: "text", text: '\n\n<file name="no\\"tes.md">\n# Notes\nfür dich\n</file>' },
    ]);
  });

  test("over the Responses API: the same", async () => {
    const { t, viewer, ask } = await chatWith("responses");
    const { request } = await ask([
      await attach(t, viewer, { name: "cat.png", type: "image/png", content: "a cat" }),
      await attach(t, viewer, { name: "report.pdf", type: "application/pdf", content: "a report" }),
      await attach(t, viewer, { name: "a.txt", content: "abc" }),
    ]);
    expect(userContent(request)).toEqual([
      { type: "input_text", text: "Look" },
      { type: "input_image", image_url: `data:image/png;base64,${base64("a cat")}` },
      {
        type: "input_file",
        filename: "report.pdf",
        file_data: `data:application/pdf;base64,${base64("a report")}`,
      },
      { type: "input_text", text: '\n\n<file name="a.txt">\nabc\n</file>' },
    ]);
  });

  test("without words holds the files alone; another answer to it gets them again", async () => {
    const { t, viewer, ask, generate } = await chatWith();
    const { request, assistantMessageId } = await ask([await attach(t, viewer, { content: "abc" })], {
      content: "",
    });
    const again = { messageId: assistantMessageId, clientMessageId: newClientId() };
    const { runId } = started(await viewer.mutation(api.messages.regenerate, again));
    const second = await generate(runId);
    for (const asked of [request, second]) {
      expect(userContent(asked)).toEqual([
        { type: "text", text: '\n\n<file name="notes.txt">\nabc\n</file>' },
      ]);
    }
  });
});

describe("earlier files", () => {
  test("are shown again while there is room, the newest first; of the others the model is told the name", async () => {
    const { t, viewer, ask } = await chatWith();
    const large = (name: string, bytes: number) =>
      attach(t, viewer, { name, type: "application/pdf", bytes: bytes * 1024 * 1024 });
    const { taskId } = await ask([await large("first.pdf", 12)]);
    await ask([await large("second.pdf", 8)], { taskId });
    const { request } = await ask([await large("third.pdf", 9)], { taskId });
    expect(userContent(request).map(({ type }) => type)).toEqual(["text", "file"]);
    expect(userContent(request, 1).map(({ type }) => type)).toEqual(["text", "file"]);
    expect(userContent(request, 2)).toEqual([
      { type: "text", text: "Look" },
      { type: "text", text: expect.stringMatching(/"first\.pdf".*left out/) as string },
    ]);
  });

  test("of text count as text: one that is too long for the conversation is left out, the words around it stay", async () => {
    const { t, viewer, ask } = await chatWith();
    const long = await attach(t, viewer, { name: "long.txt", content: "x".repeat(300_000) });
    const { taskId, request: first } = await ask([long], { content: "Read this" });
    expect(userContent(first)[1]?.text).toContain("x".repeat(300_000));
    const { request } = await ask([], { content: "And then?", taskId });
    expect(userContent(request)).toEqual([{ type: "text", text: "And then?" }]);
    const texts = userContent(request, 1).map(({ text }) => text);
    expect(texts).toEqual(["Read this", expect.stringMatching(/"long\.txt".*left out/) as string]);
  });

  test("that were deleted are named to the model as such", async () => {
    const { t, viewer, ask } = await chatWith();
    const id = await attach(t, viewer, { name: "gone.txt" });
    const { taskId } = await ask([id]);
    await t.run(async (ctx) => ctx.storage.delete((await ctx.db.get(id))!.storageId));
    const { request } = await ask([], { content: "And?", taskId });
    expect(userContent(request, 1)[1]?.text).toMatch(/"gone\.txt".*deleted/);
  });
});

test("[G12] a model that takes no images: its own words are the reason of the end", async () => {
  const { t, viewer, ask } = await chatWith();
  const image = await attach(t, viewer, { name: "cat.png", type: "image/png", content: "a cat" });
  const { taskId } = await ask([image], {
    answer: (request) =>
      request.refuse(400, { error: { message: "image input is not supported by this model" } }),
  });
  expect(await lastMessage(viewer, taskId)).toMatchObject({
    ...{ status: "failed", endReason: "providerError" },
    errorMessage:
      "The model does not read images (400): image input is not supported by this model. " +
      "Send the message without them, or choose another model.",
  });
});

test("the demo model says what it was given", async () => {
  const { t, viewer } = await newChat();
  vi.stubEnv("OPENAI_API_KEY", "");
  vi.stubEnv("OPENAI_BASE_URL", "");
  const attachmentIds = [
    await attach(t, viewer, { name: "cat.png", type: "image/png", bytes: 2_048 }),
    await attach(t, viewer, { name: "a.txt", content: "what time is it" }),
  ];
  const call = { taskId: null, clientMessageId: newClientId(), content: "", attachmentIds };
  const { taskId, runId } = started(await viewer.mutation(api.messages.send, call));
  await whileTimePasses(runGenerator(t, runId));
  const text = textOf((await lastMessage(viewer, taskId)).parts);
  expect(text).toContain("- **cat.png** (image/png, 2 kB)\n- **a.txt** (text)");
});
