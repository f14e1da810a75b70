/**
 * An OpenAI-compatible model server for tests: chat completions, responses and `/models`, on loopback. A behaviour
 * (`providerBehaviours.ts`, or a test's own function) answers each request; the test may also step an answer token by
 * token. Every request is kept, and so is who closed its connection, so that a test waits for states, never for time.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createProviderEncoder } from "./sse.ts";
import type { FinishReason, ProviderApi, ProviderEncoder, ProviderEvent } from "./sse.ts";

export type Behaviour = (exchange: ProviderExchange) => void | Promise<void>;

/** Who ended the connection of an answer first. */
export type ClosedBy = "client" | "server";

export interface OpenaiServer {
  /** What `OPENAI_BASE_URL` is set to. */
  readonly url: string;
  /** All generations asked for so far, oldest first. */
  readonly exchanges: readonly ProviderExchange[];
  /** How requests from now on are answered. */
  behave(behaviour: Behaviour): void;
  /** How the next request is answered, before `behave`. Calls queue up. */
  behaveOnce(behaviour: Behaviour): void;
  /** The request after those already returned by this method, now or when it comes. */
  nextExchange(): Promise<ProviderExchange>;
  /** How many answers are being sent now. */
  readonly openExchanges: number;
  close(): Promise<void>;
}

type ProviderRequestBody = {
  model: string;
  stream?: boolean;
  messages?: { role: string; content: unknown }[];
  input?: { role?: string; content?: unknown }[];
};

const MODELS = ["test-model", "other-model"];

/** One request for an answer, and the means to answer it. */
export class ProviderExchange {
  /** Resolves when the connection is closed, with who closed it. */
  readonly closed: Promise<ClosedBy>;
  private readonly encoder: ProviderEncoder;
  private state: "waiting" | "streaming" | "ended" = "waiting";
  private open = true;

  constructor(
    readonly api: ProviderApi,
    readonly body: ProviderRequestBody,
    readonly headers: IncomingHttpHeaders,
    private readonly response: ServerResponse,
  ) {
    this.encoder = createProviderEncoder(api, body.model);
    this.closed = new Promise((resolve) => {
      response.once("close", () => {
        this.open = false;
        resolve(this.state === "ended" ? "server" : "client");
      });
    });
  }

  /** Is the client still there, and the answer not ended? */
  get isOpen(): boolean {
    return this.open && this.state !== "ended";
  }

  /** The text of the newest message of the person. */
  get prompt(): string {
    const messages = this.body.messages ?? this.body.input ?? [];
    return plainText(messages.findLast((message) => message.role === "user")?.content);
  }

  /** Is this no prompt of a person, but the older part of a chat? */
  get isForSummary(): boolean {
    return plainText(this.body.messages?.[0]?.content).startsWith("You summarise the older part");
  }

  /** Sends the status line and what a stream begins with: a provider that took the request and thinks. */
  begin(): void {
    if (this.state !== "waiting" || !this.open) return;
    this.state = "streaming";
    this.response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    this.response.write(this.encoder.begin());
  }

  send(event: ProviderEvent): void {
    this.begin();
    if (this.isOpen) this.response.write(this.encoder.encode(event));
  }

  text(text: string): void {
    this.send({ type: "text", text });
  }

  /** The provider's regular end. */
  finish(reason: FinishReason = "stop"): void {
    this.send({ type: "finish", reason });
    this.end();
  }

  /** Ends the response here, whatever was said. */
  end(): void {
    if (!this.isOpen) return;
    this.state = "ended";
    this.response.end();
  }

  /** Sends this as it is, without what a regular stream begins with. */
  raw(text: string): void {
    if (this.state === "waiting" && this.open) {
      this.state = "streaming";
      this.response.writeHead(200, { "content-type": "text/event-stream" });
    }
    if (this.isOpen) this.response.write(text);
  }

  /** Breaks the connection, as a crashed server or a lost network does. */
  drop(): void {
    this.state = "ended";
    this.response.destroy();
  }

  /** Answers with an error in place of a stream. */
  refuse(status: number, message: string, headers: Record<string, string> = {}): void {
    this.refuseWith(status, { error: { message, type: "test_error", param: null, code: null } }, headers);
  }

  /** The same with a body of any shape. */
  refuseWith(status: number, body: unknown, headers: Record<string, string> = {}): void {
    if (this.state !== "waiting" || !this.open) return;
    this.state = "ended";
    this.response.writeHead(status, { "content-type": "application/json", ...headers });
    this.response.end(typeof body === "string" ? body : JSON.stringify(body));
  }
}

/** Starts a server on a free port. Until told otherwise it echoes the prompt at once. `facts`: what its list says of each model beside its id. */
export async function startOpenaiServer(facts: Record<string, unknown> = {}): Promise<OpenaiServer> {
  const exchanges: ProviderExchange[] = [];
  const queued: Behaviour[] = [];
  const arrivals: (() => void)[] = [];
  let standing: Behaviour = (exchange) => {
    exchange.text(`You said: ${exchange.prompt}`);
    exchange.finish();
  };
  let handedOut = 0;

  const generate = async (api: ProviderApi, request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(await readText(request)) as ProviderRequestBody;
    const exchange = new ProviderExchange(api, body, request.headers, response);
    exchanges.push(exchange);
    for (const arrived of arrivals.splice(0)) arrived();
    await (queued.shift() ?? standing)(exchange);
  };

  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/v1/, "");
    if (path === "/models") {
      response.setHeader("content-type", "application/json");
      const data = MODELS.map((id) => ({ id, object: "model", ...facts }));
      response.end(JSON.stringify({ object: "list", data }));
    } else if (path === "/chat/completions" || path === "/responses") {
      const api = path === "/responses" ? "responses" : "chat";
      generate(api, request, response).catch((error: unknown) => response.destroy(error as Error));
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    exchanges,
    behave(behaviour) {
      standing = behaviour;
    },
    behaveOnce(behaviour) {
      queued.push(behaviour);
    },
    async nextExchange() {
      const index = handedOut++;
      for (;;) {
        const exchange = exchanges[index];
        if (exchange) return exchange;
        await new Promise<void>((resolve) => arrivals.push(resolve));
      }
    },
    get openExchanges() {
      return exchanges.filter((exchange) => exchange.isOpen).length;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** A message's content is text, or a list of parts of which some hold text. */
function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: string }) => part.text ?? "").join("");
}
