import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";

type Version = { querySet: number; identity: number; ts: string };

export type Modification = {
  type: string;
  queryId: number;
  value?: unknown;
  errorMessage?: string;
  errorData?: unknown;
  logLines?: string[];
  journal?: string | null;
};

/** A message of the server, as it came: the fields of all kinds. */
export type Received = {
  type: string;
  startVersion?: Version;
  endVersion?: Version;
  modifications?: Modification[];
  requestId?: number;
  success?: boolean;
  result?: unknown;
  ts?: string;
  logLines?: string[];
  error?: string;
  chunk?: string;
  partNumber?: number;
  totalParts?: number;
};

/** A client that says exactly what the test wants, for what the official one never does. */
export class RawClient {
  readonly received: Received[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly sessionId = randomUUID();
  private readonly waiting = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      this.received.push(JSON.parse(data.toString("utf8")) as Received);
      for (const check of this.waiting) check();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  static async open(url: string, options: ClientOptions = {}, version = "1.48.0"): Promise<RawClient> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/${version}/sync`, options);
    const client = new RawClient(socket);
    onTestFinished(() => socket.terminate());
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  connect(fields: Record<string, unknown> = {}): void {
    this.send({
      type: "Connect",
      sessionId: this.sessionId,
      connectionCount: 0,
      lastCloseReason: "InitialConnect",
      clientTs: Date.now(),
      ...fields,
    });
  }

  /** Subscribes to queries by `udfPath` and arguments, with ids from 0 on. */
  subscribe(
    queries: readonly (readonly [udfPath: string, args: unknown])[],
    baseVersion = 0,
    firstId = 0,
  ): void {
    this.send({
      type: "ModifyQuerySet",
      baseVersion,
      newVersion: baseVersion + 1,
      modifications: queries.map(([udfPath, args], place) => ({
        type: "Add",
        queryId: firstId + place,
        udfPath,
        args: [args],
      })),
    });
  }

  mutate(requestId: number, udfPath: string, args: unknown): void {
    this.send({ type: "Mutation", requestId, udfPath, args: [args] });
  }

  act(requestId: number, udfPath: string, args: unknown): void {
    this.send({ type: "Action", requestId, udfPath, args: [args] });
  }

  /** The first message, received or to come, that fits. */
  next(fits: (message: Received) => boolean): Promise<Received> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.received.find(fits);
        if (found === undefined) return;
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }

  response(requestId: number): Promise<Received> {
    return this.next(({ type, requestId: id }) => type === "MutationResponse" && id === requestId);
  }

  get transitions(): Received[] {
    return this.received.filter(({ type }) => type === "Transition");
  }
}

export function timestamp(encoded: string | undefined): bigint {
  if (encoded === undefined) throw new Error("There is no timestamp in this message");
  return Buffer.from(encoded, "base64").readBigUInt64LE();
}

/** The value that a transition gives a query, by its place among the modifications. */
export function valueOf({ modifications }: Received | undefined = { type: "" }, place = 0): unknown {
  return modifications?.[place]?.value;
}
