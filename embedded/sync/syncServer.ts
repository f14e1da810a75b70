import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { Authenticator } from "../auth/types.ts";
import { clock } from "../clock.ts";
import { isFromThisMachine } from "../http/access.ts";
import type { Engine } from "../engine/types.ts";
import type { Log } from "../log.ts";
import { Outgoing } from "./outgoing.ts";
import { encodeServerMessage } from "./protocol/messages.ts";
import { supportsChunks } from "./protocol/transition.ts";
import { Session } from "./session.ts";

export type SyncLimits = {
  /** Clients at once. */
  maxClients: number;
  /** How often silence is looked for, in milliseconds. */
  heartbeatMs: number;
  /** Silence after which the client is sent a `Ping`, in milliseconds. */
  pingAfterMs: number;
  /** Silence after which a client is given up, in milliseconds. */
  clientTimeoutMs: number;
  /** Bytes waiting for a client that does not read, above which it is cut off. */
  maxWaitingBytes: number;
};

const LIMITS: SyncLimits = {
  // Each costs about 50 KB, as much again for compression if it is another machine's, and a file descriptor.
  maxClients: 4096,
  heartbeatMs: 5_000,
  // A client reconnects after 60 s without a message.
  pingAfterMs: 15_000,
  // It answers the WebSocket pings of each heartbeat, so it is gone.
  clientTimeoutMs: 120_000,
  // Responses, unlike transitions, cannot be merged.
  maxWaitingBytes: 64 * 1024 * 1024,
};

/** Bytes of one message from a client: the arguments of a function, at most 16 MiB at Convex, and their envelope. */
const MAX_FRAME_BYTES = 20 * 1024 * 1024;

/** How long clients have to answer the closing handshake. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Results of one session resemble each other (a growing answer is sent again and again), so the compressor keeps its
 * window between messages. With zlib's defaults that would be 300 KB a client, 300 MB for 1,000 of them; a window of
 * 8 KB, several times a live tail, costs 48 KB and loses little. Clients are asked to keep none: their messages are few.
 */
const COMPRESSION = {
  threshold: 256,
  serverMaxWindowBits: 13,
  clientNoContextTakeover: true,
  zlibDeflateOptions: { level: 3, memLevel: 5 },
};

type Connection = { session: Session; outgoing: Outgoing; socket: WebSocket; lastHeardAt: number };

export type SyncServerParts = {
  engine: Engine;
  authenticator: Authenticator;
  log: Log;
  limits?: Partial<SyncLimits> | undefined;
};

/** The sockets of all clients, their sessions, and the heartbeat that both sides need. */
export class SyncServer {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: COMPRESSION,
  });
  private readonly connections = new Set<Connection>();
  private readonly limits: SyncLimits;
  private readonly heartbeat: NodeJS.Timeout;
  private closedFor: string | null = null;

  constructor(private readonly parts: SyncServerParts) {
    this.limits = { ...LIMITS, ...parts.limits };
    this.heartbeat = setInterval(() => this.beat(), this.limits.heartbeatMs);
    this.heartbeat.unref();
  }

  /** Why no further client is taken now, or `null`. */
  get refusal(): string | null {
    if (this.closedFor !== null) return this.closedFor;
    return this.connections.size >= this.limits.maxClients ? "Too many clients are connected." : null;
  }

  /** Makes a session of an upgrade request that was found to be allowed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, clientVersion: string): void {
    // Within one machine, compressing costs more than it saves: nothing is agreed on if nothing is offered.
    if (isFromThisMachine(request)) delete request.headers["sec-websocket-extensions"];
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => this.open(webSocket, clientVersion));
  }

  /** Tells all clients to come back later, and resolves when their sockets are closed. Those who come are told the reason. */
  async close(reason = "The server is shutting down."): Promise<void> {
    this.closedFor = reason;
    clearInterval(this.heartbeat);
    const sockets = [...this.connections].map(({ session, socket }) => {
      session.closeWith(1012, "InternalServerError");
      return closed(socket);
    });
    await Promise.all(sockets);
    this.sockets.close();
  }

  private open(socket: WebSocket, clientVersion: string): void {
    const { engine, authenticator, log } = this.parts;
    const outgoing = new Outgoing(socket, this.limits.maxWaitingBytes, () =>
      engine.liveQueries.schedule(session),
    );
    const session = new Session({
      engine,
      authenticator,
      outgoing,
      supportsChunks: supportsChunks(clientVersion),
      log,
    });
    const connection: Connection = { session, outgoing, socket, lastHeardAt: clock.now() };
    this.connections.add(connection);
    socket.on("message", (data: Buffer, isBinary) => {
      connection.lastHeardAt = clock.now();
      session.receive(isBinary ? "" : data.toString("utf8"));
    });
    socket.on("pong", () => {
      connection.lastHeardAt = clock.now();
    });
    socket.on("close", () => {
      this.connections.delete(connection);
      session.close();
    });
    // An oversized or broken frame: `ws` closes the socket with the code that says so.
    socket.on("error", (error) => log.warn("SYNC", `A client's socket failed: ${error.message}`));
  }

  private beat(): void {
    const now = clock.now();
    for (const { outgoing, socket, lastHeardAt } of this.connections) {
      if (now - lastHeardAt > this.limits.clientTimeoutMs) {
        socket.terminate();
        continue;
      }
      socket.ping();
      if (now - outgoing.lastSentAt >= this.limits.pingAfterMs)
        outgoing.send(encodeServerMessage({ type: "Ping" }));
    }
  }
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) {
      resolve();
      return;
    }
    const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
