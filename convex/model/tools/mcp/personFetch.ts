"use node";

import { auth } from "@ai-sdk/mcp";
import type { McpServer } from "../../../shared/mcpConfig";
import { log } from "../../log";
import { hideSecret, withoutSecrets } from "../../secrets";
import { pause } from "../../generator/pause";
import { secretIds } from "../../keys/keySecrets";
import { discoveryFetch } from "./discoveryFetch";
import { OAuthClient } from "./oauthClient";
import { openSignIn, sealSignIn, signInDataOf, type SignInData } from "./signInData";
import type { StoredSignIn } from "./signIns";
import type { SignInStore } from "./signInStore";

/** A token is renewed so long before it ends, milliseconds: a call may take that long to arrive. */
const EARLY_MS = 30_000;

/** How often it is looked whether somebody else has renewed it, and for how long, milliseconds. */
const LOOK_MS = 200;
const LOOK_LIMIT_MS = 20_000;

/** The person must sign in before the server's tools can be used. */
export class SignInNeeded extends Error {
  constructor(server: string) {
    super(`The user must sign in to ${server} before its tools can be used. Verbatim shows them how.`);
    this.name = "SignInNeeded";
  }
}

type Open = { version: string; data: SignInData };

/**
 * `fetch` with one person's token for one MCP server. A token that ends, or that the server refuses with 401, is renewed by the refresh
 * token, by one action at a time, and stored before it is used. Where that is refused, the sign-in has ended: the page asks for another.
 */
export class PersonFetch {
  #current: Open | null = null;
  #renewing: Promise<Open> | null = null;
  #release: (() => void)[] = [];

  constructor(
    private readonly server: McpServer,
    private readonly store: SignInStore,
  ) {}

  /** Rejects with `SignInNeeded`, also when a sign-in ends now. */
  readonly fetch: typeof fetch = async (input, init) => {
    const first = await this.#fresh();
    const response = await this.#send(input, init, first);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    const second = await this.#renewed(first);
    const again = await this.#send(input, init, second);
    if (again.status !== 401) return again;
    // A token of just now is refused: only another sign-in can help.
    await again.body?.cancel();
    await this.store.endRenewal(this.server.name, second.version, { kind: "refused" });
    throw new SignInNeeded(this.server.name);
  };

  /** Its tokens may stand in texts from now on. */
  close(): void {
    for (const release of this.#release) release();
    this.#release = [];
  }

  async #send(
    input: Parameters<typeof fetch>[0],
    init: RequestInit | undefined,
    { data }: Open,
  ): Promise<Response> {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${data.tokens.access_token}`);
    return await fetch(input, { ...init, headers });
  }

  async #fresh(): Promise<Open> {
    const current = this.#current ?? (await this.#open(await this.store.read(this.server.name)));
    const { endsAt } = current.data;
    return endsAt !== null && endsAt - EARLY_MS < Date.now() ? await this.#renewed(current) : current;
  }

  async #open(stored: StoredSignIn | null): Promise<Open> {
    const owner = { userId: this.store.userId, server: this.server };
    const data = stored && (await openSignIn(stored.sealed, owner));
    if (!stored || !data) {
      // Readable, but for another address than the server has by now: the page must ask for another.
      if (stored && (await secretIds()).includes(stored.sealed.secretId)) {
        await this.store.endRenewal(this.server.name, stored.version, { kind: "refused" });
      }
      throw new SignInNeeded(this.server.name);
    }
    return this.#keep({ version: stored.version, data });
  }

  #keep(open: Open): Open {
    const { tokens, client } = open.data;
    for (const secret of [tokens.access_token, tokens.refresh_token, client.client_secret]) {
      if (secret !== undefined) this.#release.push(hideSecret(secret));
    }
    this.#current = open;
    return open;
  }

  /** One renewal for all who need it at the same time. */
  #renewed(before: Open): Promise<Open> {
    const current = this.#current;
    if (current && current.version !== before.version) return Promise.resolve(current);
    this.#renewing ??= this.#renew(before).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(before: Open): Promise<Open> {
    const { name } = this.server;
    for (let waited = 0; waited < LOOK_LIMIT_MS; waited += LOOK_MS) {
      const leave = await this.store.renew(name, before.version);
      switch (leave.kind) {
        case "yours":
          return await this.#askForTokens(before);
        case "renewed":
          return await this.#open(leave.stored);
        case "ended":
          throw new SignInNeeded(name);
        case "wait":
          await pause(LOOK_MS, new AbortController().signal);
          break;
        default:
          leave satisfies never;
      }
    }
    throw new Error(`The sign-in to ${name} could not be renewed now.`);
  }

  async #askForTokens(before: Open): Promise<Open> {
    const { name, url } = this.server;
    const { data, version } = before;
    const { client: information, redirectUrl, tokens, scope, resourceMetadataUrl } = data;
    const client = new OAuthClient(this.server, { client: information, redirectUrl, tokens });
    let result: "AUTHORIZED" | "REDIRECT" | "failed" = "REDIRECT";
    try {
      if (tokens.refresh_token === undefined) client.isRefused = true;
      else {
        result = await auth(client, {
          ...{ serverUrl: url, fetchFn: discoveryFetch(this.server) },
          ...(scope !== undefined && { scope }),
          ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
        });
      }
    } catch (error) {
      result = "failed";
      const words = withoutSecrets(error instanceof Error ? error.message : String(error));
      log("TOOLS", `A sign-in to the MCP server ${name} could not be renewed: ${words}`);
      client.isRefused ||= isRefusal(error);
    }
    const renewed = client.known.tokens;
    if (result === "AUTHORIZED" && renewed !== undefined) {
      const next = { version: crypto.randomUUID(), data: signInDataOf(data, renewed) };
      const sealed = await sealSignIn(next.data, { userId: this.store.userId, server: this.server });
      if (sealed) {
        const stored = { sealed, version: next.version };
        await this.store.endRenewal(name, version, { kind: "renewed", stored });
      }
      return this.#keep(next);
    }
    await this.store.endRenewal(name, version, { kind: client.isRefused ? "refused" : "failed" });
    if (client.isRefused) throw new SignInNeeded(name);
    throw new Error(`The sign-in to ${name} could not be renewed now.`);
  }
}

/** Words of RFC 6749, 5.2, that another try does not change; `@ai-sdk/mcp` has a class for each. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { errorCode } = error.constructor as { errorCode?: unknown };
  return (
    errorCode === "invalid_grant" || errorCode === "invalid_client" || errorCode === "unauthorized_client"
  );
}
