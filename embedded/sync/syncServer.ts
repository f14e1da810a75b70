import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { Authenticator } from "../auth/types.ts";
import { clock } from "../clock.ts";
import { monotonicMs } from "../engine/turns.ts";
import { isFromThisMachine } from "../http/access.ts";
import type { Engine } from "../engine/types.ts";
import type { ClientLimits } from "../clientLimits.ts";
import { payerOf } from "../functions/client.ts";
import { addressGroup } from "../http/clientAddress.ts";
import { toldAddress } from "../http/localCaller.ts";
import type { Log } from "../log.ts";
import type { MemoryAccount } from "../memoryAccount.ts";
import type { Pacer } from "../pacer.ts";
import { Arriving } from "./arriving.ts";
import { Crowd } from "./crowd.ts";
import type { Member } from "./crowd.ts";
import { Outgoing } from "./outgoing.ts";
import { limitMessages } from "./messageLimit.ts";
import { encodeServerMessage } from "./protocol/messages.ts";
import { supportsChunks } from "./protocol/transition.ts";
import { Session } from "./session.ts";

/** How the heartbeat goes. */
export type SyncTimes = {
  /** How often silence is looked for, in milliseconds. */
  heartbeatMs: number;
  /** Silence after which the client is sent a `Ping`, in milliseconds. */
  pingAfterMs: number;
  /** Silence after which a client is given up, in milliseconds. */
  clientTimeoutMs: number;
};

const TIMES: SyncTimes = {
  heartbeatMs: 5_000,
  // A client reconnects after 60 s without a message.
  pingAfterMs: 15_000,
  // It answers the WebSocket pings of each heartbeat, so it is gone.
  clientTimeoutMs: 120_000,
};

/** Control frames (pings, pongs) that a client may send between two heartbeats. `ws` answers each ping. */
const MAX_CONTROL_FRAMES = 256;

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
  // Messages that are inflated or deflated at once. Their memory is nobody's until they are whole, and zlib has four threads.
  concurrencyLimit: 4,
};

type Connection = Member & {
  session: Session;
  outgoing: Outgoing;
  socket: WebSocket;
  lastHeardAt: number;
  /** Since the last heartbeat. */
  controlFrames: number;
};

/** What is known of a client before it has said anything. `version` is that of its `convex` package. */
export type Newcomer = { address: string; version: string };

export type SyncServerParts = {
  engine: Engine;
  authenticator: Authenticator;
  log: Log;
  limits: ClientLimits;
  account: MemoryAccount;
  pacer: Pacer;
  showErrors: boolean;
  times?: Partial<SyncTimes> | undefined;
};

/** The sockets of all clients, their sessions, and the heartbeat that both sides need. */
export class SyncServer {
  private readonly sockets: WebSocketServer;
  private readonly connections: Crowd<Connection>;
  private readonly times: SyncTimes;
  private readonly heartbeat: NodeJS.Timeout;
  private closedFor: string | null = null;

  constructor(private readonly parts: SyncServerParts) {
    const { limits } = parts;
    this.times = { ...TIMES, ...parts.times };
    this.connections = new Crowd(limits);
    this.sockets = new WebSocketServer({
      noServer: true,
      // Until the session says what its client may send now (`messageLimit.ts`).
      maxPayload: limits.person.messageBytes,
      perMessageDeflate: COMPRESSION,
    });
    this.heartbeat = setInterval(() => this.beat(), this.times.heartbeatMs);
    this.heartbeat.unref();
  }

  /** Why no further client is taken from this address now, or `null`: then there is room, if need be by sending another away. */
  refusalOf(address: string): string | null {
    if (this.closedFor !== null) return this.closedFor;
    const victim = this.connections.victimFor(addressGroup(address));
    if (victim === null) return "Too many clients are connected.";
    if (victim !== "nobody") this.sendAway(victim);
    return null;
  }

  /** Makes a session of an upgrade request that was found to be allowed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, newcomer: Newcomer): void {
    // Within one machine, compressing costs more than it saves: nothing is agreed on if nothing is offered.
    if (isFromThisMachine(request)) delete request.headers["sec-websocket-extensions"];
    const told = {
      ip: toldAddress(request, newcomer.address),
      userAgent: request.headers["user-agent"] ?? null,
    };
    this.sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.open(webSocket, socket, { ...newcomer, ...told }),
    );
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

  private open(
    socket: WebSocket,
    wire: Duplex,
    { address, version, ip, userAgent }: Newcomer & { ip: string; userAgent: string | null },
  ): void {
    const { engine, authenticator, log, limits, account, pacer, showErrors } = this.parts;
    const group = addressGroup(address);
    const payer = payerOf(null, group);
    const holdings = {
      arriving: account.open(payer, true),
      held: account.open(payer, true),
      outgoing: account.open(payer, true),
    };
    const outgoing: Outgoing = new Outgoing(socket, holdings.outgoing, {
      maxWaitingBytes: () => session.limits.unreadBytes,
      onRoom: () => engine.liveQueries.schedule(session),
    });
    const session: Session = new Session({
      engine,
      authenticator,
      outgoing,
      supportsChunks: supportsChunks(version),
      limits,
      address,
      ip,
      userAgent,
      held: holdings.held,
      showErrors,
      log,
      onCaller: (newPayer, isAnonymous) => {
        holdings.arriving.moveTo(newPayer, isAnonymous);
        holdings.outgoing.moveTo(newPayer, isAnonymous);
        this.connections.change(connection, newPayer, isAnonymous);
        limitMessages(socket, session.limits.messageBytes);
        const surplus = isAnonymous ? null : this.connections.surplusOf(newPayer);
        if (surplus !== null) this.sendAway(surplus);
      },
    });
    const now = clock.now();
    const connection: Connection = {
      ...{ session, outgoing, socket, group, payer, isAnonymous: true },
      ...{ lastHeardAt: now, controlFrames: 0 },
    };
    this.connections.add(connection);
    limitMessages(socket, session.limits.messageBytes);
    const arriving = new Arriving(
      wire,
      holdings.arriving,
      () => session.limits.messageBytes,
      (excess) => {
        if (excess === "tooLarge") session.closeWith(1009, "MessageTooLarge");
        else session.closeWith(1013, "TooManyConcurrentRequests");
        // It is in the middle of a message, and would not hear of the closing before its end.
        socket.terminate();
      },
    );
    /** Reads on later, if the client has used more than its share. */
    const rest = (): void => {
      const rested = socket.isPaused ? null : pacer.rest(session.payer);
      if (rested === null) return;
      socket.pause();
      void rested.then(() => socket.resume());
    };
    const hear = (): void => {
      connection.lastHeardAt = clock.now();
      if (++connection.controlFrames > MAX_CONTROL_FRAMES) socket.terminate();
    };
    socket.on("message", (data: Buffer, isBinary) => {
      connection.lastHeardAt = clock.now();
      this.connections.hear(connection);
      arriving.isWhole();
      const begunAt = monotonicMs();
      session.receive(isBinary ? "" : data.toString("utf8"), data.byteLength);
      pacer.charge(session.payer, monotonicMs() - begunAt);
      limitMessages(socket, session.limits.messageBytes);
      rest();
    });
    socket.on("ping", hear);
    socket.on("pong", hear);
    socket.on("close", () => {
      this.connections.remove(connection);
      session.close();
      for (const holding of Object.values(holdings)) holding.close();
    });
    // An oversized or broken frame: `ws` closes the socket with the code that says so.
    socket.on("error", (error) => log.warn("SYNC", `A client's socket failed: ${error.message}`));
  }

  /** Somebody else gets its place. It may come back, and then be let in. */
  private sendAway(connection: Connection): void {
    this.connections.remove(connection);
    connection.session.closeWith(1013, "TooManyConcurrentRequests");
    // Whoever does not answer the closing handshake must not keep its memory meanwhile.
    void closed(connection.socket);
  }

  private beat(): void {
    const now = clock.now();
    for (const connection of this.connections) {
      const { outgoing, socket, lastHeardAt } = connection;
      if (now - lastHeardAt > this.times.clientTimeoutMs) {
        socket.terminate();
        continue;
      }
      connection.controlFrames = 0;
      socket.ping();
      if (now - outgoing.lastSentAt >= this.times.pingAfterMs)
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
