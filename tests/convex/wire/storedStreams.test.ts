/** Each provider's own format, from its bytes to what is stored of the answer: however it is cut, wherever it ends, whatever it repeats. */
import fc from "fast-check";
import { jsonSchema, tool } from "ai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../../convex/providers/connect";
import { describeError } from "../../../convex/providers/describeError";
import { listModels } from "../../../convex/providers/listModels";
import { problemOf } from "../../../convex/providers/problemOf";
import schema from "../../../convex/schema";
import { textOf } from "../../../convex/shared/parts";
import type { TestBackend } from "../../helpers/backend.ts";
import { PROVIDER_SCRIPTS, SCRIPT_NAMES, type ScriptName } from "../../helpers/providerScripts/index.ts";
import { connected, providerWith } from "../connected.ts";
import { runGenerator } from "../fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "../fakeTime.ts";
import { lastMessage, newChat, newViewer, sendStarted, type Message } from "../support.ts";
import { anyCuts, bodyOf, packets } from "./streams.ts";

/** In the address, in its query, and in the header. */
const SECRETS = ["planted-password-1", "planted-query-2", "planted-key-3"];
const LEAK = SECRETS.join(" ");

useFakeTime();
const logged: unknown[] = [];
beforeEach(() => {
  logged.length = 0;
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...words) => void logged.push(words));
  vi.stubEnv("OPENAI_API_KEY", "");
  vi.stubEnv("OPENAI_BASE_URL", "");
  vi.stubEnv("VERBATIM_TITLES", "off");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

type Answered = { status?: number; headers?: Record<string, string>; body: BodyInit | ReadableStream };

/** The provider is connected, and answers its requests in this order; the last answer is repeated. */
function serve(name: ScriptName, ...answers: (() => Answered)[]) {
  const { config, model, list } = PROVIDER_SCRIPTS[name];
  const path = name === "azure" ? "/openai/v1" : "/v1";
  const baseURL = `http://owner:${SECRETS[0]}@model.test${path}?key=${SECRETS[1]}`;
  const entry = { id: "p", ...config, baseURL, apiKey: SECRETS[2], defaultModel: model };
  vi.stubEnv("VERBATIM_PROVIDERS", JSON.stringify([entry]));
  let asked = 0;
  vi.stubGlobal("fetch", (url: string) => {
    if (/models(\?|$)/.test(url) && answers.length === 0) return Promise.resolve(Response.json(list));
    const answer = answers[Math.min(asked++, answers.length - 1)]?.() ?? { status: 500, body: "" };
    const headers = { "content-type": "text/event-stream", ...answer.headers };
    return Promise.resolve(new Response(answer.body, { status: answer.status ?? 200, headers }));
  });
}

const stream = (text: string, cuts: readonly number[] = []) => ({ body: bodyOf(packets(text, cuts)) });

/** A chat's answer from this provider. */
async function answered(t: TestBackend, options: Parameters<typeof runGenerator>[2] = {}): Promise<Message> {
  const viewer = await newViewer(t);
  const { taskId, runId } = await sendStarted(viewer, "Tell me");
  await whileTimePasses(runGenerator(t, runId, options));
  return await lastMessage(viewer, taskId);
}

/** What a person sees, in its order; without times, ids and addresses of files. */
function seen({ parts, endReason, problem }: Message) {
  const shown = parts.map((part): unknown[] => {
    switch (part.type) {
      case "text":
      case "reasoning":
        return [part.type, part.text];
      case "source-url":
        return [part.type, part.sourceId, part.url, part.title];
      case "file":
        return [part.type, part.mediaType, part.size];
      case "dynamic-tool":
        return [part.type, part.toolName, part.state, part.input, part.output];
      default:
        return [part.type];
    }
  });
  return { shown, endReason, problem };
}

const pictures = ({ parts }: Message) => parts.filter(({ type }) => type === "file").length;

// Whoever looks for the shortest cuts that fail ends in time to say what was found.
const plugins = [fc.interruptAfterTimeLimit(15_000, { failOnInterrupt: true })];

describe.each(SCRIPT_NAMES)("%s", (name) => {
  const script = PROVIDER_SCRIPTS[name];

  test("[G8] everything that its answer holds is stored, and any split gives the same", async () => {
    const { t } = await newChat();
    serve(name, () => stream(script.rich));
    const message = await answered(t);
    const whole = seen(message);
    expect(whole).toMatchObject({ endReason: "finished", problem: null });
    const { text, thoughts, sources } = script.stored;
    expect(textOf(message.parts).trim()).toBe(text);
    expect(message.parts.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])).join("")).toBe(
      thoughts,
    );
    expect(message.parts.flatMap((part) => (part.type === "source-url" ? [part.url] : []))).toEqual(sources);
    expect(pictures(message)).toBe(script.stored.pictures);
    const [usage] = await t.run((ctx) => ctx.db.query("usages").collect());
    expect(usage).toMatchObject({ usage: { outputTokens: 40 } });
    await fc.assert(
      fc.asyncProperty(anyCuts, async (cuts) => {
        serve(name, () => stream(script.rich, cuts));
        expect(seen(await answered(t))).toEqual(whole);
      }),
      { numRuns: 5, plugins },
    );
  });

  test("[G12] wherever its stream ends, the answer says so, and keeps what was said", async () => {
    const { t } = await newChat();
    const bytes = new TextEncoder().encode(script.rich);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: bytes.length - 1 }),
        fc.constantFrom("close" as const, "break" as const),
        async (length, end) => {
          serve(name, () => ({ body: bodyOf([bytes.slice(0, length)], end) }));
          const message = await answered(t);
          const text = textOf(message.parts).trim();
          if (message.endReason === "finished")
            expect([text, pictures(message)]).toEqual([script.stored.text, script.stored.pictures]);
          else expect(message).toMatchObject({ endReason: "providerError", problem: { kind: "brokenOff" } });
          // A tag of which the end never came is text.
          expect([script.stored.text, "<think>"].some((whole) => whole.startsWith(text))).toBe(true);
        },
      ),
      { numRuns: 6, plugins },
    );
  });

  test("a tool is called with what it says, and its result goes back", async () => {
    const { t } = await newChat();
    const clock = tool({
      inputSchema: jsonSchema<{ zone?: string }>({
        type: "object",
        properties: { zone: { type: "string" } },
      }),
      execute: ({ zone }) => `Noon in ${zone ?? "?"}`,
    });
    serve(
      name,
      () => stream(script.tool("clock", { zone: "Zürich 🏔" })),
      () => stream(script.rich),
    );
    const message = await answered(t, { tools: { clock } });
    expect(message).toMatchObject({ endReason: "finished" });
    expect(message.parts.find(({ type }) => type === "dynamic-tool")).toMatchObject({
      ...{ toolName: "clock", state: "complete", input: { zone: "Zürich 🏔" }, output: "Noon in Zürich 🏔" },
    });
    expect(textOf(message.parts)).toContain(script.stored.text);
  });

  const { refusal } = script;
  if (refusal !== null) {
    test("[G12] a refusal is told as one, and not as an answer", async () => {
      const { t } = await newChat();
      serve(name, () => stream(refusal));
      expect((await answered(t)).endReason).toBe("contentFilter");
    });
  }

  test("an error in mid-answer, and a refused key: what is stored and logged holds no secret", async () => {
    const { t } = await newChat();
    serve(name, () => stream(script.broken(LEAK)));
    const broken = await answered(t);
    expect(broken).toMatchObject({ endReason: "providerError" });
    expect(textOf(broken.parts).trim()).toBe("So far");
    expect(broken.errorMessage?.includes("[hidden]")).toBe(script.broken(LEAK).includes(LEAK));
    const [refusal] = script.refusals(LEAK);
    serve(name, () => ({
      ...{ status: refusal!.status, body: JSON.stringify(refusal!.body) },
      headers: {
        "content-type": "application/json",
        "x-request-id": LEAK,
        "www-authenticate": `Key ${LEAK}`,
      },
    }));
    expect((await answered(t)).problem).toMatchObject({ kind: "key" });
    const rows = await t.run((ctx) =>
      Promise.all(
        (Object.keys(schema.tables) as (keyof typeof schema.tables)[]).map((table) =>
          ctx.db.query(table).collect(),
        ),
      ),
    );
    const all = JSON.stringify([rows, logged]);
    expect(rows.flat().length).toBeGreaterThan(8);
    for (const secret of SECRETS) expect(all).not.toContain(secret);
  });

  test.each(script.refusals("").map(({ kind, status }, n) => [kind, status, n] as const))(
    "a refusal is known as what it is, without secrets: %s (%d)",
    async (kind, _status, n) => {
      const { status, headers = {}, body } = script.refusals(LEAK)[n]!;
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const refuse = () => ({
        ...{ status, body: text },
        headers: { "content-type": "application/json", "x-request-id": LEAK, ...headers },
      });
      serve(name, refuse);
      const provider = providerWith("p");
      const { model } = await connect({ provider, modelId: script.model }, { onBytes: () => undefined });
      const error: unknown = await Promise.resolve(
        model.doStream({ prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] }),
      ).catch((thrown: unknown) => thrown);
      const problem = problemOf(error);
      expect(problem).toMatchObject({ kind, status, words: expect.stringContaining("[hidden]") as string });
      const told = JSON.stringify([problem, describeError(error), await listModels(connected()), logged]);
      for (const secret of SECRETS) expect(told).not.toContain(secret);
    },
  );

  test("its list has its model, and none that cannot chat", async () => {
    serve(name);
    const { models, error } = await listModels(connected());
    expect(error).toBeNull();
    const ids = models.map(({ id }) => id);
    expect(ids).toContain(`p::${script.model}`);
    expect(ids.filter((id) => /whisper|image-1|embedding-001/.test(id))).toEqual([]);
  });
});

test("a model at llama.cpp reads what its server was started with, not what it could", async () => {
  serve("llamaCpp");
  expect((await listModels(connected())).models).toMatchObject([{ contextLength: 8_192 }]);
});
