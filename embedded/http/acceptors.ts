import { spawn } from "node:child_process";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { basename } from "node:path";
import { monotonicMs } from "../engine/turns.ts";
import { BACKLOG } from "./listen.ts";

/** Handles that accept newcomers beside the server's own. */
const MORE = 15;

/** Connections in a second from which on they are wanted. */
const MANY_A_SECOND = 200;
const SECOND_MS = 1_000;

/**
 * Can this program run the helper? Not one that another program has Node.js within it: it would be started a second time. On Windows Node.js has several connections
 * accepted at once by itself.
 */
const CAN_HELP = process.platform !== "win32" && /^node(js)?$/.test(basename(process.execPath));

/** What an HTTP server of Node.js says of its connections. */
const HTTP = { allowHalfOpen: true, noDelay: true };

/** What the helper runs: it sends the handle that it is given back so many times, and ends. */
const HELPER = `process.on("message", ({ count }, handle) => {
  const next = () => (count-- > 0 ? process.send({}, handle, next) : process.disconnect());
  next();
});`;

/**
 * Accepts more than one newcomer in each turn of the event loop. Node.js accepts one for each handle that listens (libuv since 1.45), so that under an attack,
 * when a turn takes tens of milliseconds, the line in which the system keeps newcomers is full, and whoever is not in it tries again after 1, 3, 7, … s.
 * More handles of the same socket have to be more descriptors of it, which Node.js has no call for: another process is sent the handle, and each time
 * that it sends it back it comes with a descriptor of its own. That is done once, when many have come within a second. Where it cannot be done all is as before.
 */
export class Acceptors {
  private state: "few" | "opening" | "many" | "closed" = "few";
  private readonly more: Server[] = [];
  private secondEndsAt = 0;
  private accepted = 0;

  /** `server`: one that listens, or will. */
  constructor(private readonly server: Server) {
    server.on("connection", () => this.count());
  }

  /** How many handles there are beside the server's own. */
  get size(): number {
    return this.more.length;
  }

  /** Takes no more newcomers: to be called when the server is closed. */
  close(): void {
    this.state = "closed";
    for (const server of this.more) server.close();
  }

  private count(): void {
    if (this.state !== "few") return;
    const now = monotonicMs();
    if (now >= this.secondEndsAt) {
      this.accepted = 0;
      this.secondEndsAt = now + SECOND_MS;
    }
    if (++this.accepted >= MANY_A_SECOND) this.open();
  }

  private open(): void {
    const { _handle: handle } = this.server as Partial<WithHandle>;
    if (!CAN_HELP || handle === undefined) return;
    this.state = "opening";
    const helper = spawn(process.execPath, ["-e", HELPER], {
      env: {},
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    helper.on("message", (_message, given) => this.add(given as object));
    // It cannot be started, or has ended already.
    helper.on("error", () => {});
    helper.once("exit", () => {
      if (this.state === "opening") this.state = "many";
    });
    helper.send({ count: MORE }, handle as never, () => {});
    helper.unref();
    helper.channel?.unref();
  }

  private add(handle: object): void {
    const server = createServer(HTTP, (socket) => this.server.emit("connection", socket));
    server.on("error", () => server.close());
    // It is told to the system again, for all handles.
    server.listen(handle, BACKLOG);
    this.more.push(server);
    if (this.state === "closed") server.close();
  }
}

/** A server of Node.js that listens. */
type WithHandle = { _handle: object };
