/** The Convex client as components meet it, with a server that the test plays. */
import { ConvexProvider, type ConvexReactClient } from "convex/react";
import {
  getFunctionName,
  type FunctionArgs,
  type FunctionReference,
  type FunctionReturnType,
} from "convex/server";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { SessionContext } from "../../../src/session/session.ts";

type AnyFunction = FunctionReference<"query" | "mutation" | "action">;

export interface Call {
  readonly name: string;
  readonly args: unknown;
  readonly answer: (value: unknown) => void;
  readonly refuse: (error: unknown) => void;
}

export class FakeConvex {
  /** Mutations, actions and one-off queries, oldest first; each waits until the test answers it. */
  readonly calls: Call[] = [];
  connected = true;
  private readonly results = new Map<string, unknown>();
  private readonly listeners = new Set<() => void>();

  /** What a live query gives from now on, whatever its arguments. */
  give<Query extends FunctionReference<"query">>(query: Query, result: FunctionReturnType<Query>): void {
    this.results.set(getFunctionName(query), result);
    this.changed();
  }

  setConnected(connected: boolean): void {
    this.connected = connected;
    this.changed();
  }

  /** The calls of one function so far. */
  callsOf<Called extends AnyFunction>(called: Called): (Call & { args: FunctionArgs<Called> })[] {
    return this.calls.filter(({ name }) => name === getFunctionName(called));
  }

  /** For `<ConvexProvider client>`: only what this page's components use of it. */
  readonly client = {
    watchQuery: (query: AnyFunction) => ({
      localQueryResult: () => this.results.get(getFunctionName(query)),
      onUpdate: (listener: () => void) => this.subscribe(listener),
      journal: () => undefined,
    }),
    mutation: (called: AnyFunction, args: unknown) => this.call(called, args),
    action: (called: AnyFunction, args: unknown) => this.call(called, args),
    query: (called: AnyFunction, args: unknown) => this.call(called, args),
    connectionState: () => ({ isWebSocketConnected: this.connected }),
    subscribeToConnectionState: (listener: () => void) => this.subscribe(listener),
    setAuth: vi.fn(),
    clearAuth: vi.fn(),
  } as unknown as ConvexReactClient;

  /** Around what is rendered: somebody who is signed in to this server. */
  readonly Page = ({ children }: { children: ReactNode }) => (
    <ConvexProvider client={this.client}>
      <SessionContext value={{ kind: "ready" }}>{children}</SessionContext>
    </ConvexProvider>
  );

  private call(called: AnyFunction, args: unknown): Promise<unknown> {
    return new Promise((answer, refuse) => {
      this.calls.push({ name: getFunctionName(called), args, answer, refuse });
    });
  }

  private subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
