import { AuthenticationError, IssuerUnavailableError, NOBODY, TOKEN_EXPIRED } from "../auth/types.ts";
import type { Authenticated, Authenticator } from "../auth/types.ts";
import { clock } from "../clock.ts";
import type { Engine, Observer, Subscription } from "../engine/types.ts";
import { RefusalError } from "../engine/cloud/refusal.ts";
import { EngineClosedError } from "../engine/types.ts";
import { forClients, newRequestId, requestIdOfSession } from "../functions/failures.ts";
import { canonicalizePath } from "../functions/references.ts";
import { CLIENT_LEFT, payerOf, SERVER } from "../functions/client.ts";
import type { Client } from "../functions/client.ts";
import type { FunctionCall } from "../functions/types.ts";
import { COPIES } from "../http/body.ts";
import { addressGroup } from "../http/clientAddress.ts";
import type { Log } from "../log.ts";
import type { ClientLimits, ConnectionLimits } from "../clientLimits.ts";
import type { Holding } from "../memoryAccount.ts";
import type { CloseCode, Outgoing } from "./outgoing.ts";
import type { Authenticate } from "./protocol/authenticate.ts";
import type { Connect } from "./protocol/connect.ts";
import { ProtocolError } from "./protocol/decode.ts";
import type { ActionRequest, MutationRequest } from "./protocol/functionCalls.ts";
import { decodeClientMessage, encodeServerMessage } from "./protocol/messages.ts";
import type { ClientMessage, ServerMessage } from "./protocol/messages.ts";
import type { AddQuery, ModifyQuerySet } from "./protocol/querySet.ts";
import { encodeTransition, INITIAL_VERSION, lengthOf, splitTransition } from "./protocol/transition.ts";
import type { StateVersion } from "./protocol/transition.ts";
import { QuerySet } from "./querySet.ts";
import { exactlyOnce } from "./sessionRequests.ts";

/** Messages that may wait while a token is verified: a reconnecting client sends all it has at once. */
const MAX_WAITING_MESSAGES = 2000;

/** Mutations in line that are run also when their client has left: what a page sends as it closes is meant. */
const KEPT_MUTATIONS = 16;

export type SessionParts = {
  engine: Engine;
  authenticator: Authenticator;
  outgoing: Outgoing;
  /** Does this version of the client put `TransitionChunk`s together? */
  supportsChunks: boolean;
  limits: ClientLimits;
  /** Where the client is, and with what program. */
  address: string;
  /** The address that functions are told. */
  ip: string;
  userAgent: string | null;
  /** The memory of messages that wait or run, and of the queries that are watched. */
  held: Holding;
  /** Is the client told what a function has thrown, and where? */
  showErrors: boolean;
  log: Log;
  /** The client has signed in, or out: who pays from now on. */
  onCaller: (payer: string, isAnonymous: boolean) => void;
};

/** A message that waits. */
type Frame = { text: string; bytes: number };

/**
 * One connection of one client.
 *
 *                     a token to verify
 *            ┌──────────────────────────────┐
 *            │                              ▼
 *   ──► listening ◄──── good ──── authenticating
 *            │                              │ no good: AuthError
 *            │ protocol error: FatalError   │
 *            │ expired token: AuthError     ▼
 *            └────────────────────────► closed ◄── the socket closed
 *
 * Messages are handled in the order they came; while a token is verified they wait. What a message changes (queries,
 * identity) is in force at once, and the client learns of it in the next transition, which moves all of its queries to
 * one timestamp: `received` runs ahead, `version` is what the client was last told.
 *
 * Not here: what the client holds of its queries (`querySet.ts`), which run and when (`engine/`), the socket itself (`outgoing.ts`, `syncServer.ts`).
 */
export class Session implements Observer {
  private state: "listening" | "authenticating" | "closed" = "listening";
  private readonly waiting: Frame[] = [];
  private waitingBytes = 0;
  /** Aborted when the client has left. */
  private readonly left = new AbortController();
  private client: Client;
  /** Whom mutations in line are of: the next ones stay behind them, also when the client has signed in meanwhile. */
  private mutationPayer: string;
  private sessionId: string | null = null;
  private clientClockSkew: number | null = null;
  private caller: Authenticated | null = null;
  private received = { querySet: 0, identity: 0 };
  private version: StateVersion = INITIAL_VERSION;
  private readonly querySet: QuerySet;
  /**
   * The newest of this client's own writes that no transition has reached since it was answered. The client waits for one
   * also when it repeats an old request, to whose time it has long been taken.
   */
  private awaitedTs: bigint | null = null;
  private readonly pending = { Mutation: 0, Action: 0 };

  constructor(private readonly parts: SessionParts) {
    this.client = this.clientFor(null, null);
    this.mutationPayer = this.client.payer;
    this.querySet = new QuerySet(parts.engine.liveQueries, this);
  }

  get isReady(): boolean {
    // While a token is verified, what the client may see is open.
    return this.state === "listening" && this.parts.outgoing.hasRoom;
  }

  get payer(): string {
    return this.client.payer;
  }

  /** Has it nobody's identity? */
  get isAnonymous(): boolean {
    return this.caller === null;
  }

  /** Administrators are told of errors in any case. */
  private get showsErrors(): boolean {
    return this.parts.showErrors || this.caller?.isAdmin === true;
  }

  /** What the client may use now. Who has sent a token is taken for a person until it is found to be no good. */
  get limits(): ConnectionLimits {
    const { person, anonymous } = this.parts.limits;
    return this.isAnonymous && this.state !== "authenticating" ? anonymous : person;
  }

  /** Takes a frame of so many bytes from the client. */
  receive(text: string, bytes: number): void {
    if (this.state === "closed") return;
    if (bytes > this.limits.messageBytes) {
      this.closeWith(1009, "MessageTooLarge");
      return;
    }
    if (this.waiting.length >= MAX_WAITING_MESSAGES || !this.hold(bytes)) {
      this.closeWith(1013, "TooManyConcurrentRequests");
      return;
    }
    this.waiting.push({ text, bytes });
    this.handleWaiting();
  }

  /** The socket has closed, or is about to. */
  close(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.left.abort(CLIENT_LEFT);
    this.querySet.clear();
    this.parts.held.close();
  }

  /** The server is at fault or shutting down: the client connects again by itself, after a while. */
  closeWith(code: CloseCode, reason: string): void {
    this.parts.outgoing.close(code, reason);
    this.close();
  }

  deliver(ts: bigint, changed: ReadonlySet<Subscription>): void {
    if (this.state === "closed" || !this.hasValidCaller()) return;
    try {
      this.sendTransition(ts, changed);
    } catch (error) {
      this.fail(error);
    }
  }

  private sendTransition(ts: bigint, changed: ReadonlySet<Subscription>): void {
    const endVersion = { ...this.received, ts };
    const modifications = this.querySet.takeModifications(changed);
    const isExpected =
      endVersion.querySet !== this.version.querySet ||
      endVersion.identity !== this.version.identity ||
      this.awaitedTs !== null;
    if (modifications.length === 0 && !isExpected) return;
    // Of one result that it watches a thousand times over, a client would get a thousand copies.
    if (!this.parts.outgoing.reserve(lengthOf(modifications))) {
      this.closeWith(1013, "TooManyConcurrentRequests");
      return;
    }
    const text = encodeTransition({
      startVersion: this.version,
      endVersion,
      modifications,
      clientClockSkew: this.clientClockSkew,
      serverTs: BigInt(clock.now()) * 1_000_000n,
    });
    this.version = endVersion;
    if (this.awaitedTs !== null && ts >= this.awaitedTs) this.awaitedTs = null;
    for (const message of this.parts.supportsChunks ? splitTransition(text) : [text]) {
      this.parts.outgoing.send(message);
    }
  }

  private handleWaiting(): void {
    while (this.state === "listening") {
      const frame = this.waiting.shift();
      if (frame === undefined) return;
      let isHeldOn = false;
      try {
        isHeldOn = this.handle(decodeClientMessage(frame.text), frame.bytes);
      } catch (error) {
        this.fail(error);
      }
      if (!isHeldOn) this.hold(-frame.bytes);
    }
  }

  /** Returns whether the message's bytes stay held: those of a call until it has been answered. */
  private handle(message: ClientMessage, bytes: number): boolean {
    switch (message.type) {
      case "Connect":
        this.connect(message);
        return false;
      case "Authenticate":
        this.authenticate(message);
        return false;
      case "ModifyQuerySet":
        this.modifyQuerySet(message, bytes);
        return true;
      case "Mutation":
        return this.mutate(message, bytes);
      case "Action":
        return this.act(message, bytes);
      case "Event":
        return false;
      default:
        return message satisfies never;
    }
  }

  /** Holds so many bytes more, or fewer. `false` if that is more than the connection may, or than there is memory for. */
  private hold(bytes: number): boolean {
    const held = this.waitingBytes + bytes;
    if (bytes > 0 && held > Math.max(this.limits.waitingBytes, bytes)) return false;
    if (!this.parts.held.resize(COPIES * held)) return false;
    this.waitingBytes = held;
    return true;
  }

  private connect({ sessionId, clientTs, maxObservedTimestamp }: Connect): void {
    this.sessionId = sessionId;
    if (clientTs !== null) this.clientClockSkew = Math.round(clientTs) - clock.now();
    const { ts } = this.parts.engine.database;
    if (maxObservedTimestamp !== null && maxObservedTimestamp > ts) {
      // Serving it would take the client back in time: what it has been shown as saved would not be there.
      const fields = { observed: String(maxObservedTimestamp), newest: String(ts) };
      this.parts.log.warn(
        "SYNC",
        "A client has seen newer data than this database holds; it must reload",
        fields,
      );
      this.closeWith(1011, "InternalServerError");
    }
  }

  private authenticate(message: Authenticate): void {
    if (message.baseVersion !== this.received.identity)
      throw baseVersionMismatch(message.baseVersion, this.received.identity);
    switch (message.tokenType) {
      case "None": {
        this.becomeCaller(null, null);
        return;
      }
      case "Admin": {
        const admin = this.parts.authenticator.authenticateAdmin(message.value, message.actingAs);
        this.becomeCaller(admin, null);
        return;
      }
      case "User":
        this.state = "authenticating";
        this.parts.authenticator.authenticate(message.value).then(
          (caller) => this.endAuthentication(() => this.becomeCaller(caller, message.value)),
          (error: unknown) => this.endAuthentication(() => this.fail(error)),
        );
        return;
      default:
        message satisfies never;
    }
  }

  private endAuthentication(act: () => void): void {
    if (this.state !== "authenticating") return;
    this.state = "listening";
    act();
    this.handleWaiting();
  }

  private becomeCaller(caller: Authenticated | null, token: string | null): void {
    this.caller = caller;
    this.client = this.clientFor(caller, token);
    if (this.pending.Mutation === 0) this.mutationPayer = this.payer;
    this.parts.held.moveTo(this.payer, this.isAnonymous);
    this.parts.onCaller(this.payer, this.isAnonymous);
    this.received.identity++;
    this.querySet.changeCaller(caller ?? NOBODY, this.client);
    this.parts.engine.liveQueries.schedule(this);
  }

  private clientFor(caller: Authenticated | null, authToken: string | null): Client {
    const { address, ip, userAgent } = this.parts;
    const payer =
      caller?.isAdmin === true ? SERVER : payerOf(caller?.identity ?? null, addressGroup(address));
    return { ip, userAgent, authToken, payer };
  }

  /** What the message has in bytes is held on: each query its part of it, until it is removed. */
  private modifyQuerySet({ baseVersion, newVersion, modifications }: ModifyQuerySet, bytes: number): void {
    if (baseVersion !== this.received.querySet)
      throw baseVersionMismatch(baseVersion, this.received.querySet);
    const part = Math.ceil(bytes / Math.max(1, modifications.length));
    let heldBytes = -bytes;
    for (const modification of modifications) {
      if (modification.type === "Remove") heldBytes -= this.querySet.remove(modification.queryId);
      else {
        const { queries } = this.limits;
        if (this.querySet.size >= queries)
          throw new ProtocolError(`A connection may watch ${queries} queries at once`);
        this.querySet.add(modification.queryId, this.callOf(modification), modification.journal, part);
        heldBytes += part;
      }
    }
    if (!this.hold(heldBytes)) throw new ProtocolError("The arguments of the watched queries are too large");
    this.received.querySet = newVersion;
    this.parts.engine.liveQueries.schedule(this);
  }

  private mutate(message: MutationRequest, bytes: number): boolean {
    if (!this.hasValidCaller()) return false;
    const { requestId } = message;
    const { engine } = this.parts;
    if (this.pending.Mutation === 0) this.mutationPayer = this.payer;
    const call = this.requestOf(message);
    const hooks = {
      ...(this.sessionId !== null && exactlyOnce(this.sessionId, requestId, call)),
      lane: this,
      payer: this.mutationPayer,
      ...(this.pending.Mutation >= KEPT_MUTATIONS && { signal: this.left.signal }),
    };
    return this.run(message, bytes, engine.mutation(call, hooks), (ended) => {
      const { result, logLines, ts } = forClients(ended, this.showsErrors);
      this.send({ type: "MutationResponse", requestId, result, ts: result.ok ? ts : null, logLines });
      if (!result.ok) return;
      if (this.awaitedTs === null || ts > this.awaitedTs) this.awaitedTs = ts;
      engine.liveQueries.schedule(this);
    });
  }

  private act(message: ActionRequest, bytes: number): boolean {
    if (!this.hasValidCaller()) return false;
    const { requestId } = message;
    const outcome = this.parts.engine.action(this.requestOf(message));
    return this.run(message, bytes, outcome, (ended) => {
      const { result, logLines } = forClients(ended, this.showsErrors);
      this.send({ type: "ActionResponse", requestId, result, logLines });
    });
  }

  private run<T>(
    { type }: MutationRequest | ActionRequest,
    bytes: number,
    outcome: Promise<T>,
    answer: (outcome: T) => void,
  ): boolean {
    this.pending[type]++;
    const done = (act: () => void): void => {
      this.pending[type]--;
      this.hold(-bytes);
      if (this.state !== "closed") act();
    };
    outcome.then(
      (value) => done(() => answer(value)),
      (error: unknown) => done(() => this.fail(error)),
    );
    if (this.pending[type] > this.limits.calls) this.closeWith(1013, `TooManyConcurrent${type}s`);
    return true;
  }

  /** A call that the client waits for. */
  private requestOf(message: MutationRequest | ActionRequest): FunctionCall {
    const { sessionId } = this;
    const requestId = sessionId === null ? newRequestId() : requestIdOfSession(sessionId, message.requestId);
    return { ...this.callOf(message), requestId };
  }

  private callOf({
    udfPath,
    args,
    componentPath,
  }: Pick<AddQuery, "udfPath" | "args" | "componentPath">): FunctionCall {
    const { identity, isAdmin } = this.caller ?? NOBODY;
    const component = componentPath ?? "";
    if (component !== "" && !isAdmin) {
      throw new ProtocolError(
        "Only admin or system users can call functions on non-root components directly",
      );
    }
    return {
      address: { component, path: canonicalizePath(udfPath) },
      args: args[0] ?? {},
      identity,
      visibility: isAdmin ? "admin" : "public",
      client: this.client,
    };
  }

  /** A token is looked at again each time it is used; when it has expired the session ends. */
  private hasValidCaller(): boolean {
    if (this.caller === null || clock.now() < this.caller.expiresAt) return true;
    this.refuseToken(TOKEN_EXPIRED, false);
    return false;
  }

  private refuseToken({ message }: AuthenticationError, authUpdateAttempted: boolean): void {
    this.send({ type: "AuthError", error: message, baseVersion: this.version.identity, authUpdateAttempted });
    this.parts.outgoing.close();
    this.close();
  }

  private fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.send({ type: "FatalError", error: error.message });
      this.parts.outgoing.close();
      this.close();
    } else if (error instanceof AuthenticationError) {
      if (error.status !== 404) this.refuseToken(error, true);
      else {
        // What its issuer has not got may come: `close_frame` in convex-backend's `crates/errors/src/lib.rs`.
        this.parts.log.error("SYNC", error.message);
        this.closeWith(1000, error.code);
      }
    } else if (error instanceof EngineClosedError) {
      this.closeWith(1012, "InternalServerError");
    } else if (error instanceof RefusalError) {
      this.closeWith(1013, error.code);
    } else if (error instanceof IssuerUnavailableError) {
      this.parts.log.error("SYNC", error.message);
      this.closeWith(1013, error.code);
    } else {
      this.parts.log.error("SYNC", "A session failed in the backend itself", error);
      this.closeWith(1011, "InternalServerError");
    }
  }

  private send(message: ServerMessage): void {
    this.parts.outgoing.send(encodeServerMessage(message));
  }
}

/** Convex's words. */
function baseVersionMismatch(base: number, current: number): ProtocolError {
  return new ProtocolError(`Base version ${base} passed up doesn't match the current version ${current}`);
}
