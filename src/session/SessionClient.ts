import { ConvexReactClient } from "convex/react";
import { failureData } from "../../convex/shared/errors";
import { Backoff, pauseBeforeRetry } from "../lib/backoff.ts";
import { createStore } from "../lib/store.ts";
import { persistently, type FetchToken } from "./persistentToken.ts";

/** True while the stored session cannot be renewed, or is refused. */
export const renewalTroubled = createStore(false);

/** ms between two looks at a session that functions say has ended: many may say so at once. */
const CHECK_INTERVAL_MS = 5_000;

/** Each try renews the session up to three times. */
const REFUSED_RETRY = { firstMs: 2_000, longestMs: 60_000 };

/** What functions say to somebody without a session. */
const NO_SESSION: readonly (string | undefined)[] = ["UNAUTHENTICATED", "ACCOUNT_DISABLED"];

type SetAuth = Parameters<ConvexReactClient["setAuth"]>;

/**
 * The official client, which does not stay disconnected when a session cannot be renewed at once, and finds out when it was signed out
 * elsewhere.
 */
export class SessionClient extends ConvexReactClient {
  #fetchToken: FetchToken | null = null;
  #checkedAt = -Infinity;
  #nextCheck: ReturnType<typeof setTimeout> | undefined;
  /** Counts the sessions that this client was given: an old one is not tried again. */
  #session = 0;

  /**
   * The client gives up when the server refuses the tokens that it has itself renewed: its keys are being changed, a backup was put back, its
   * clock is wrong. The session is there all the same, so that it is tried again until it is accepted, or ended. [G14]
   */
  override setAuth(...[fetchToken, onChange, ...rest]: SetAuth) {
    const session = ++this.#session;
    // What was heard of the session before says nothing about this one.
    this.#checkedAt = -Infinity;
    this.#forgetCheck();
    const dependencies = {
      pause: (ms: number) => pauseBeforeRetry(ms),
      onTrouble: (troubled: boolean) => renewalTroubled.set(troubled),
    };
    const persistent = persistently(fetchToken, dependencies);
    let backoff = new Backoff(REFUSED_RETRY);
    let hasToken = false;
    const noting: FetchToken = async (args) => {
      const token = await persistent(args);
      hasToken = typeof token === "string";
      return token;
    };
    const note = async (isAuthenticated: boolean) => {
      onChange?.(isAuthenticated);
      if (session !== this.#session || (!isAuthenticated && !hasToken)) return;
      renewalTroubled.set(!isAuthenticated);
      if (isAuthenticated) {
        backoff = new Backoff(REFUSED_RETRY);
        return;
      }
      await pauseBeforeRetry(backoff.next());
      if (session === this.#session) super.setAuth(noting, (next) => void note(next), ...rest);
    };
    this.#fetchToken = noting;
    super.setAuth(noting, (isAuthenticated) => void note(isAuthenticated), ...rest);
  }

  override clearAuth() {
    this.#session += 1;
    this.#forgetCheck();
    super.clearAuth();
  }

  /**
   * When a function says that there is no session, the session is renewed at once. Only the answer to that ends it. [G14] Here, where every
   * call comes by: no part of the page has to think of it.
   */
  #noteFailure(error: unknown): void {
    if (!NO_SESSION.includes(failureData(error)?.code) || this.#fetchToken === null) return;
    // What is said soon after a look may be of an end after it.
    const waitMs = Math.max(0, this.#checkedAt + CHECK_INTERVAL_MS - performance.now());
    if (waitMs === 0) this.#check();
    else this.#nextCheck ??= setTimeout(() => this.#check(), waitMs);
  }

  #check(): void {
    this.#forgetCheck();
    this.#checkedAt = performance.now();
    void this.#fetchToken?.({ forceRefreshToken: true });
  }

  #forgetCheck(): void {
    clearTimeout(this.#nextCheck);
    this.#nextCheck = undefined;
  }

  async #noting<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  /** All queries are read by it, those that are asked once too. */
  override watchQuery: ConvexReactClient["watchQuery"] = (...query) => {
    const watch = super.watchQuery(...query);
    return {
      ...watch,
      localQueryResult: () => {
        try {
          return watch.localQueryResult();
        } catch (error) {
          this.#noteFailure(error);
          throw error;
        }
      },
    };
  };

  override mutation: ConvexReactClient["mutation"] = (...call) => this.#noting(() => super.mutation(...call));

  override action: ConvexReactClient["action"] = (...call) => this.#noting(() => super.action(...call));
}
