import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ClientLimits } from "../clientLimits.ts";
import { Arrivals } from "./arrivals.ts";
import { addressGroup } from "./clientAddress.ts";

type Limits = Pick<ClientLimits, "connections" | "connectionsPerAddress" | "newConnectionsPerSecond">;

/** Requests of one connection that may wait for their answers at once. */
const MAX_PIPELINED = 16;

/** Milliseconds after which a connection that was refused is closed. */
const HOLD_MS = 2_000;

/** How many may wait for that, as a share of all connections that there may be: each takes one of the system's open files too. */
const HELD_SHARE = 1 / 2;

/** The same for an address of which so many wait already: nobody's page opens as many again and again. */
const LONG_HOLD_MS = 20_000;
const LONG_FROM = 128;

/** Bytes that a connection that was refused may send meanwhile, each of which is thrown away: a request that came with it, and no upload. */
const MAX_HELD_BYTES = 64 * 1024;

/** As how many each connection counts of an address that floods the server with chunks: the first 64 KiB of each are read before anybody can look. */
const FLOODERS_COST = 10;

/** Who may wait for a connection's end before Node.js warns of a leak. */
const MAX_LISTENERS = MAX_PIPELINED + 16;

/** `responses`: of requests that have come and are not answered. It is idle while there are none. */
type Connection = { socket: Duplex; group: string; responses: Set<ServerResponse> };

/**
 * The server's connections, and who gets in when there are too many: the longest idle one is closed for the newcomer, of the same
 * address if that has too many; one that has nothing but a body that is still to come goes after those. Idle ones cost nothing but
 * their place, so they are let be as long as there is room.
 */
export class Connections {
  /** Both in the order in which they became so. */
  private readonly idle = new Set<Connection>();
  private readonly arriving = new Map<IncomingMessage, Connection>();
  private readonly all = new Map<Duplex, Connection>();
  private readonly perGroup = new Map<string, number>();
  /** Those that were refused. */
  private readonly held = new Set<Duplex>();
  private readonly heldPerGroup = new Map<string, number>();
  private readonly arrivals: Arrivals;

  constructor(
    server: Server,
    private readonly limits: Limits,
    /** Is it a proxy's address, of which everybody's connections come? */
    private readonly isProxy: (address: string) => boolean,
    /** Does an address flood the server with chunks of bodies (`requestPace.ts`)? */
    private readonly isFlooding: (address: string) => boolean = () => false,
  ) {
    this.arrivals = new Arrivals(limits.newConnectionsPerSecond);
    // In place of Node's own listener, which would make a parser for each socket that is refused.
    const serve = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket) => {
      const address = socket.remoteAddress ?? "";
      const group = this.isProxy(address) ? "" : addressGroup(address);
      if (this.open(socket, address, group)) for (const listener of serve) listener.call(server, socket);
      else this.hold(socket, group);
    });
    server.on("request", (request, response) => this.begin(request, response));
    server.on("upgrade", ({ socket }) => this.keep(socket));
  }

  /** How many there are. */
  get size(): number {
    return this.all.size;
  }

  /** Returns whether it may stay. */
  private open(socket: Duplex, address: string, group: string): boolean {
    const cost = this.isFlooding(address) ? FLOODERS_COST : 1;
    if (group !== "" && !this.arrivals.admit(group, undefined, cost)) return false;
    const ofGroup = this.perGroup.get(group) ?? 0;
    const isCrowd = group !== "" && ofGroup >= this.limits.connectionsPerAddress;
    const isFull = isCrowd || this.all.size >= this.limits.connections;
    if (isFull && !this.makeRoom(isCrowd ? group : null)) return false;
    // Each request waits for its end.
    socket.setMaxListeners(MAX_LISTENERS);
    const connection: Connection = { socket, group, responses: new Set() };
    this.all.set(socket, connection);
    this.idle.add(connection);
    this.perGroup.set(group, (this.perGroup.get(group) ?? 0) + 1);
    socket.once("close", () => {
      this.forget(connection);
      for (const response of connection.responses) if (response.socket === null) closeUnsent(response);
    });
    return true;
  }

  /**
   * Closes a connection that was refused, after a while: whoever comes back as soon as it is closed would fill the line in which everybody
   * waits to be accepted, one in each turn of the event loop. What it sends is thrown away, since Node.js keeps the first of it otherwise, and
   * does not notice that who sent it has left.
   */
  private hold(socket: Duplex, group: string): void {
    if (this.held.size >= this.limits.connections * HELD_SHARE) {
      socket.destroy();
      return;
    }
    this.held.add(socket);
    const ofGroup = (this.heldPerGroup.get(group) ?? 0) + 1;
    this.heldPerGroup.set(group, ofGroup);
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_HELD_BYTES) socket.destroy();
    });
    socket.once("end", () => socket.destroy());
    socket.on("error", () => {});
    const timer = setTimeout(() => socket.destroy(), ofGroup > LONG_FROM ? LONG_HOLD_MS : HOLD_MS);
    timer.unref();
    socket.once("close", () => {
      clearTimeout(timer);
      this.held.delete(socket);
      countDown(this.heldPerGroup, group);
    });
  }

  private begin(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.all.get(request.socket);
    if (connection === undefined) return;
    connection.responses.add(response);
    response.once("close", () => {
      connection.responses.delete(response);
      if (connection.responses.size === 0 && this.all.has(connection.socket)) this.idle.add(connection);
    });
    // No browser sends one request behind the other, and each costs as much as if it came alone.
    if (connection.responses.size > MAX_PIPELINED) {
      connection.socket.destroy();
      return;
    }
    this.idle.delete(connection);
    if (!request.complete) {
      this.arriving.set(request, connection);
      request.once("end", () => this.arriving.delete(request));
      request.once("close", () => this.arriving.delete(request));
    }
  }

  /** A WebSocket from here on, which others count (`sync/syncServer.ts`). */
  private keep(socket: Duplex): void {
    const connection = this.all.get(socket);
    if (connection !== undefined) this.idle.delete(connection);
  }

  /** Closes one connection, of `group` if that is named. */
  private makeRoom(group: string | null): boolean {
    const victim = firstOf(this.idle, group) ?? firstOf(this.arriving.values(), group);
    if (victim === null) return false;
    this.forget(victim);
    victim.socket.destroy();
    return true;
  }

  private forget(connection: Connection): void {
    const { socket, group } = connection;
    if (!this.all.delete(socket)) return;
    this.idle.delete(connection);
    countDown(this.perGroup, group);
  }
}

/**
 * Ends a response that waits behind another on a connection that has closed. Node.js tells only the response that was being sent of that; whoever
 * holds something until a response's end would hold it for ever.
 */
function closeUnsent(response: ServerResponse): void {
  response.destroy();
  response.emit("close");
}

function countDown(counts: Map<string, number>, group: string): void {
  const left = (counts.get(group) ?? 0) - 1;
  if (left > 0) counts.set(group, left);
  else counts.delete(group);
}

function firstOf(connections: Iterable<Connection>, group: string | null): Connection | null {
  for (const connection of connections) if (group === null || connection.group === group) return connection;
  return null;
}
