/**
 * A model server behind a replaced `fetch`: the app's real provider code asks it, the test says byte by byte what it answers.
 * For tests of what goes over real connections see `tests/faults`.
 */
import { getFunctionName, type FunctionReference } from "convex/server";
import { vi } from "vitest";
import type { Id } from "../../convex/_generated/dataModel";
import { generateAnswer } from "../../convex/model/generator/generateAnswer";
import type { GeneratorCtx } from "../../convex/model/generator/generatorCtx";
import type { TestBackend } from "../helpers/backend.ts";
import { createProviderEncoder, type ProviderApi, type ProviderEvent } from "../helpers/sse.ts";
import { until } from "./fakeTime.ts";

export type ProviderRequest = {
  url: string;
  headers: Headers;
  body: { model: string; messages?: { role: string; content: unknown }[]; input?: unknown; tools?: unknown };
  /** When it came, in fake time. */
  at: number;
  aborted: boolean;
  /** Opens the stream, if it is not open, and sends these events. */
  say(...events: ProviderEvent[]): void;
  text(text: string): void;
  /** Sends these bytes as they are, in place of what a regular stream begins with. */
  raw(text: string, type?: string): void;
  /** Opens the stream without a token. */
  open(): void;
  /** Ends the stream regularly as HTTP, whatever was said. */
  close(): void;
  /** The connection breaks. */
  drop(): void;
  refuse(status: number, body: unknown, headers?: Record<string, string>): void;
};

export class FakeProvider {
  readonly requests: ProviderRequest[] = [];
  /** What `/models` lists; null: it is not there. */
  models: string[] | null = null;

  /** Suites count requests: one per prompt. A test of titles turns these further requests on. */
  constructor(
    private readonly api: ProviderApi = "chat",
    titles: "on" | "off" = "off",
  ) {
    vi.stubEnv("VERBATIM_TITLES", titles);
    vi.stubEnv("OPENAI_API_KEY", "key-for-tests");
    vi.stubEnv("VERBATIM_MODELS", "big");
    vi.stubEnv("OPENAI_BASE_URL", api === "chat" ? "http://model.test/v1" : "");
    vi.stubEnv("OPENAI_MODEL", "test-model");
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => this.#answer(url, init));
  }

  /** The n-th request (0 is the first), as soon as it has come. */
  async request(n = 0): Promise<ProviderRequest> {
    await until(() => this.requests.length > n);
    const request = this.requests[n];
    if (!request) throw new Error(`There is no request ${n}`);
    return request;
  }

  #answer(url: string, init: RequestInit): Promise<Response> {
    if (url.endsWith("/models")) {
      const list = { data: this.models?.map((id) => ({ id })) };
      return Promise.resolve(new Response(JSON.stringify(list), { status: this.models ? 200 : 404 }));
    }
    const encoder = createProviderEncoder(this.api);
    const bytes = new TextEncoder();
    return new Promise((resolve, reject) => {
      let stream: ReadableStreamDefaultController<Uint8Array> | null = null;
      const open = (begin = encoder.begin(), type = "text/event-stream") => {
        if (stream) return stream;
        const { readable, controller } = controlledStream();
        stream = controller;
        resolve(new Response(readable, { headers: { "content-type": type } }));
        controller.enqueue(bytes.encode(begin));
        return controller;
      };
      const fail = (reason: Error) => {
        reject(reason);
        stream?.error(reason);
      };
      const onAbort = () => {
        request.aborted = true;
        fail(new DOMException("This operation was aborted", "AbortError"));
      };
      const request: ProviderRequest = {
        url,
        headers: new Headers(init.headers),
        body: JSON.parse(init.body as string) as ProviderRequest["body"],
        at: Date.now(),
        aborted: false,
        open: () => void open(),
        raw: (text, type) => {
          if (stream) stream.enqueue(bytes.encode(text));
          else open(text, type);
        },
        say: (...events) => {
          for (const event of events) open().enqueue(bytes.encode(encoder.encode(event)));
        },
        text: (text) => request.say({ type: "text", text }),
        close: () => {
          init.signal?.removeEventListener("abort", onAbort);
          open().close();
        },
        drop: () => fail(new TypeError("terminated")),
        refuse: (status, body, headers = {}) => {
          init.signal?.removeEventListener("abort", onAbort);
          const answer = { status, headers: { "content-type": "application/json", ...headers } };
          resolve(new Response(typeof body === "string" ? body : JSON.stringify(body), answer));
        },
      };
      init.signal?.addEventListener("abort", onAbort);
      this.requests.push(request);
    });
  }
}

function controlledStream() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  if (!controller) throw new Error("A stream starts when it is made");
  return { readable, controller };
}

/** Stands between the generator and its database: `call` makes the call, `name` is the function's. */
export type Intercept = (name: string, call: () => Promise<unknown>) => Promise<unknown>;

type GeneratorOptions = NonNullable<Parameters<typeof generateAnswer>[2]> & { intercept?: Intercept };

/** The generator with the backend's functions as its database. */
export function runGenerator(
  t: TestBackend,
  runId: string,
  options: GeneratorOptions = {},
): ReturnType<typeof generateAnswer> {
  const { intercept, ...rest } = options;
  // One function for all: what is called with what is checked where the generator calls it.
  type Mutation = FunctionReference<"mutation", "internal", Record<string, unknown>, unknown>;
  type Query = FunctionReference<"query", "internal", Record<string, unknown>, unknown>;
  const storage = {
    get: async (id: Id<"_storage">) => {
      const found: { blob: Blob | null } = { blob: null };
      // What `run` returns must be a value of Convex.
      await t.run(async (ctx) => {
        found.blob = await ctx.storage.get(id);
      });
      return found.blob;
    },
    store: (blob: Blob) => t.run((ctx) => ctx.storage.store(blob)),
  };
  const ctx = {
    runMutation: (reference: Mutation, args: Record<string, unknown>): Promise<unknown> =>
      intercept
        ? intercept(getFunctionName(reference), () => t.mutation(reference, args))
        : t.mutation(reference, args),
    runQuery: (reference: Query, args: Record<string, unknown>): Promise<unknown> =>
      intercept
        ? intercept(getFunctionName(reference), () => t.query(reference, args))
        : t.query(reference, args),
    storage,
  } as GeneratorCtx;
  return generateAnswer(ctx, { runId, userId: null }, rest);
}
